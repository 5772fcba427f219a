import {
  LocalTransactionState,
  TransactionMQProducer,
  type MessageExt,
  type TransactionMessage,
} from '@nest-rocketmq/client';
import type { JavaClient } from './java-client.ts';
import type { JavaSendResult } from './java-types.ts';
import { PATIENT_SENDER } from './patient.ts';

/** What becomes of a transaction: at first, and when the broker asks. It stands in the message's properties. */
export interface Decisions {
  execute: LocalTransactionState;
  check: LocalTransactionState;
}

/** What a transaction's producer got back. */
export interface TransactionSent {
  status: string;
  msgId: string;
  state: string;
}

/** A producer of transactions, Apache's or ours. */
export interface TransactionSender {
  send(topic: string, body: string, decisions: Decisions): Promise<TransactionSent>;
  /** What the broker asked for: `topic queueId transactionId body` each time. */
  checked(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** How a {@link TransactionSender} is started. */
export type StartTransactionSender = (nameServer: string, group: string) => Promise<TransactionSender>;

let senders = 0;

/** Apache's `TransactionMQProducer`. */
export function javaTransactionSender(client: JavaClient): StartTransactionSender {
  return async (nameServer, group) => {
    const producer = `transactions-${++senders}`;
    const call = <T>(name: string, parameters: object = {}): Promise<T> =>
      client.call<T>(`transaction.${name}`, { producer, ...parameters });
    await call('start', { group, nameServer });
    return {
      send: async (topic, body, decisions) => {
        const message = { topic, body: Buffer.from(body).toString('base64'), properties: { ...decisions } };
        const { status, msgId, state } = await call<JavaSendResult & { state: string }>('send', { message });
        return { status, msgId, state };
      },
      checked: () => call('checked'),
      stop: () => call('stop'),
    };
  };
}

/** Ours. */
export const ourTransactionSender: StartTransactionSender = async (nameServer, group) => {
  const checked: string[] = [];
  const producer = new TransactionMQProducer({
    group,
    nameServer,
    ...PATIENT_SENDER,
    transactionListener: {
      executeLocalTransaction: ({ properties }: TransactionMessage) => stateOf(properties?.['execute']),
      checkLocalTransaction: (message: MessageExt) => {
        const { topic, queueId, transactionId = '', body } = message;
        checked.push(`${topic} ${queueId} ${transactionId} ${body.toString()}`);
        return stateOf(message.properties.get('check'));
      },
    },
  });
  await producer.start();
  return {
    send: async (topic, body, decisions) => {
      const message = { topic, body: Buffer.from(body), properties: { ...decisions } };
      const result = await producer.sendMessageInTransaction(message);
      return { status: result.sendStatus, msgId: result.msgId, state: result.localTransactionState };
    },
    checked: () => Promise.resolve(checked),
    stop: () => producer.shutdown(),
  };
};

function stateOf(text: string | undefined): LocalTransactionState {
  return LocalTransactionState[text as LocalTransactionState];
}
