import {
  CheckTransactionState,
  decodeOffsetMessageId,
  decodeRecord,
  decodeRecords,
  EndTransaction,
  MessageSysFlag,
  RemotingCommand,
  RequestCode,
  type CheckTransactionStateRequestHeader,
  type EndTransactionRequestHeader,
  type MessageRecord,
} from '@nest-rocketmq/protocol';
import type { TestBroker } from './test-broker.ts';

export const COMMIT = MessageSysFlag.TRANSACTION_COMMIT_TYPE;
export const ROLLBACK = MessageSysFlag.TRANSACTION_ROLLBACK_TYPE;
export const UNKNOWN = MessageSysFlag.TRANSACTION_NOT_TYPE;

/** Where a half message lies, as the answer to its send tells it. */
export interface HalfPlace {
  readonly queueOffset: number;
  readonly commitLogOffset: number;
}

/** A question of the broker's. */
export interface Question {
  readonly header: CheckTransactionStateRequestHeader;
  readonly record: MessageRecord;
}

/** A producer of transactions at the level of frames, which decides nothing by itself. */
export class TransactionPeer {
  readonly questions: Question[] = [];
  readonly #broker: TestBroker;
  readonly #waiting: (() => void)[] = [];

  constructor(broker: TestBroker) {
    this.#broker = broker;
    broker.client.register(CheckTransactionState.code, (request) => {
      const record = decodeRecord(request.body, 0);
      if (record) this.questions.push({ header: CheckTransactionState.request.decode(request), record });
      for (const resolve of this.#waiting.splice(0)) resolve();
      return undefined;
    });
  }

  /** Has the broker know this producer, so that it can be asked. */
  async join(): Promise<void> {
    await this.#broker.heartBeat('producer', []);
  }

  /** Sends a half message of the group PG. */
  async half(topic: string, body: string, properties: Record<string, string> = {}): Promise<HalfPlace> {
    const answer = await this.#broker.send(topic, body, {
      sysFlag: MessageSysFlag.TRANSACTION_PREPARED_TYPE,
      bornTimestamp: this.now(),
      properties: { TRAN_MSG: 'true', PGROUP: 'PG', ...properties },
    });
    if (answer.code !== 0) throw new Error(`${answer.code} ${answer.remark ?? ''}`);
    return {
      queueOffset: Number(answer.extFields.get('queueOffset')),
      commitLogOffset: decodeOffsetMessageId(answer.extFields.get('msgId') ?? '').offset,
    };
  }

  /** Ends a transaction and waits for the answer, which real producers don't ask for. */
  end(
    place: HalfPlace,
    commitOrRollback: number,
    options: Partial<EndTransactionRequestHeader> = {},
    timeoutMs = 5000,
  ): Promise<RemotingCommand> {
    const fields = EndTransaction.request.encode({
      producerGroup: 'PG',
      tranStateTableOffset: place.queueOffset,
      commitLogOffset: place.commitLogOffset,
      commitOrRollback,
      msgId: 'ID',
      ...options,
    });
    const request = RemotingCommand.request(RequestCode.END_TRANSACTION, fields);
    return this.#broker.client.invoke(this.#broker.address, request, timeoutMs);
  }

  /** Answers a question. */
  answer({ header }: Question, commitOrRollback: number): Promise<RemotingCommand> {
    const place = { queueOffset: header.tranStateTableOffset, commitLogOffset: header.commitLogOffset };
    return this.end(place, commitOrRollback, { fromTransactionCheck: true });
  }

  /** The first `count` questions, once they are here. */
  async asked(count: number): Promise<Question[]> {
    while (this.questions.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.questions.slice(0, count);
  }

  /** What can be pulled of a queue. */
  async records(topic: string, queueId = 0): Promise<MessageRecord[]> {
    const answer = await this.#broker.pull('CG', topic, queueId, 0);
    return answer.code === 0 ? decodeRecords(answer.body) : [];
  }

  /** Their bodies. */
  async bodies(topic: string): Promise<string[]> {
    return (await this.records(topic)).map((record) => record.body.toString());
  }

  /** How many messages a topic has ever had, whether or not one may pull them. */
  async count(topic: string): Promise<number> {
    const answer = await this.#broker.ask(RequestCode.GET_MAX_OFFSET, { topic, queueId: '0' });
    return Number(answer.extFields.get('offset'));
  }

  /** The birth of messages; replaced where the broker's time is not this machine's. */
  now: () => number = Date.now;
}
