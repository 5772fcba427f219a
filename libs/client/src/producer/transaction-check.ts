import {
  CheckTransactionState,
  decodeRecord,
  MessageConst,
  type CheckTransactionStateRequestHeader,
} from '@nest-rocketmq/protocol';
import type { Connection, RemotingClient } from '@nest-rocketmq/remoting';
import { printable, RocketMQError, type Clock, type Logger } from '@nest-rocketmq/runtime';
import type { EndTransactionHook } from '../trace/hooks.ts';
import { keysText } from '../trace/trace-hooks.ts';
import type { ClientSettings } from '../instance/client-options.ts';
import { within } from '../instance/deadline.ts';
import type { ProducerMember } from '../instance/members.ts';
import type { MessageExt } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import { endTransactionRequest, outcomeOf } from './transaction-end.ts';
import type { TransactionListener } from './transaction-types.ts';

/** A broker's question what became of a transaction. */
export interface TransactionQuestion {
  readonly header: CheckTransactionStateRequestHeader;
  readonly message: MessageExt;
  /** Where the answer goes. */
  readonly connection: Connection;
}

/** Hands brokers' questions (39) to the producers of their groups (`ClientRemotingProcessor.checkTransactionState`). */
export function registerTransactionChecks(
  remoting: RemotingClient,
  producers: ReadonlyMap<string, ProducerMember>,
  { namespace, logger }: Pick<ClientSettings, 'namespace' | 'logger'>,
): void {
  remoting.register(CheckTransactionState.code, (request, connection) => {
    const header = CheckTransactionState.request.decode(request);
    const record = decodeRecord(request.body, 0);
    const group = record?.property(MessageConst.PROPERTY_PRODUCER_GROUP) ?? '';
    const check = producers.get(group)?.checkTransaction;
    if (record && check) {
      const message = new ReceivedMessage(record, {
        brokerName: header.bname ?? '',
        ...(namespace === '' ? {} : { namespace }),
      });
      check({ header, message, connection });
    } else {
      logger.warn(
        `The broker ${connection.remoteAddress} asks for a transaction of the group ${printable(group)}, which has no ` +
          'transaction listener in this client',
      );
    }
    return undefined;
  });
}

/** How questions are answered. */
export interface TransactionCheckSettings {
  /** How many checks run at the same time. */
  readonly checkConcurrency: number;
  /** How many more may wait; the broker asks again for those beyond. */
  readonly checkRequestHoldMax: number;
  /** After this time, in milliseconds, a check counts as failed. */
  readonly checkTimeout: number;
}

/** Answers brokers' questions by the application's listener, some at a time (`DefaultMQProducerImpl.checkTransactionState`). */
export class TransactionChecks {
  readonly #group: string;
  readonly #listener: TransactionListener;
  readonly #settings: TransactionCheckSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #hook: EndTransactionHook | undefined;
  readonly #waiting: TransactionQuestion[] = [];
  #running = 0;
  #stopped = false;

  constructor(parts: {
    group: string;
    listener: TransactionListener;
    settings: TransactionCheckSettings;
    clock: Clock;
    logger: Logger;
    hook?: EndTransactionHook | undefined;
  }) {
    this.#group = parts.group;
    this.#listener = parts.listener;
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#hook = parts.hook;
  }

  /** Answers a question when its turn has come. */
  ask(question: TransactionQuestion): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= this.#settings.checkRequestHoldMax) {
      this.#logger.warn(
        `${this.#waiting.length} checks of transactions wait (checkRequestHoldMax): one more is left to a later time`,
      );
      return;
    }
    this.#waiting.push(question);
    this.#next();
  }

  /** Leaves what waits to the other producers of the group. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #next(): void {
    while (this.#running < this.#settings.checkConcurrency) {
      const question = this.#waiting.shift();
      if (!question) return;
      this.#running++;
      void this.#check(question).finally(() => {
        this.#running--;
        this.#next();
      });
    }
  }

  async #check({ header, message, connection }: TransactionQuestion): Promise<void> {
    const { checkTimeout } = this.#settings;
    const outcome = await outcomeOf(() =>
      within(
        this.#clock,
        checkTimeout,
        Promise.resolve(this.#listener.checkLocalTransaction(message)),
        () => new RocketMQError('TIMEOUT', `The check took longer than ${checkTimeout} ms (checkTimeout)`),
      ),
    );
    if (outcome.error !== undefined) {
      this.#logger.error(
        `checkLocalTransaction failed for transaction ${message.msgId} of topic ${message.topic}: the broker asks again`,
        outcome.error,
      );
    }
    if (connection.closed) return;
    const answer = endTransactionRequest(
      {
        topic: header.topic,
        producerGroup: this.#group,
        tranStateTableOffset: header.tranStateTableOffset,
        commitLogOffset: header.commitLogOffset,
        fromTransactionCheck: true,
        msgId: message.msgId,
        transactionId: header.transactionId,
        bname: header.bname,
      },
      outcome,
      'checkLocalTransactionState',
    );
    connection.oneway(answer);
    this.#hook?.endTransaction({
      producerGroup: this.#group,
      topic: message.topic,
      tags: message.tags,
      keys: keysText(message.keys),
      msgId: message.msgId,
      transactionId: header.transactionId ?? message.msgId,
      transactionState: outcome.state,
      fromTransactionCheck: true,
      brokerAddress: connection.remoteAddress,
      endedAt: this.#clock.now(),
    });
  }
}
