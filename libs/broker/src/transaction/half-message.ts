import {
  bornHostLength,
  decodeRecord,
  MessageConst,
  MessageSysFlag,
  RecordOffset,
  validateTopic,
  type MessageRecord,
} from '@nest-rocketmq/protocol';
import type { AppendMessage, MessageStore } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';

const DIGITS = /^\d{1,15}$/;

/** Where a half message goes when its transaction is committed. */
export interface RealPlace {
  readonly topic: string;
  readonly queueId: number;
}

/**
 * Sends a transaction's message on its detour (TransactionalMessageBridge.parseHalfMessageInner): its properties remember
 * topic and queue, and it is stored in the half topic, which nobody can subscribe to.
 */
export function prepareHalf(properties: Map<string, string>, topic: string, queueId: number): void {
  const id = properties.get(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
  if (id) properties.set(MessageConst.PROPERTY_TRANSACTION_ID, id);
  properties.set(MessageConst.PROPERTY_REAL_TOPIC, topic);
  properties.set(MessageConst.PROPERTY_REAL_QUEUE_ID, String(queueId));
  // What only this broker may say of a half message.
  properties.delete(MessageConst.PROPERTY_TRANSACTION_CHECK_TIMES);
  properties.delete(MessageConst.PROPERTY_TRANSACTION_PREPARED_QUEUE_OFFSET);
}

/** A record of the half topic: the message of a transaction that is not decided, or one of its copies. */
export class HalfMessage {
  readonly record: MessageRecord;
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer, record: MessageRecord) {
    this.#bytes = bytes;
    this.record = record;
  }

  /** The half message at that place of the commit log; undefined when none starts there. */
  static read(store: MessageStore, physicalOffset: number, size?: number): HalfMessage | undefined {
    return HalfMessage.#read(store, SystemTopic.TRANS_HALF, physicalOffset, size);
  }

  /** The one at that place that was given up, after too many checks; undefined when none starts there. */
  static givenUp(store: MessageStore, physicalOffset: number): HalfMessage | undefined {
    return HalfMessage.#read(store, SystemTopic.TRANS_CHECK_MAX_TIME, physicalOffset);
  }

  static #read(
    store: MessageStore,
    topic: string,
    physicalOffset: number,
    size?: number,
  ): HalfMessage | undefined {
    const bytes = physicalOffset < 0 ? undefined : store.readRecord(physicalOffset, size);
    const record = bytes && decodeRecord(bytes, 0);
    // An offset inside of a body may look like a record; its own offset gives it away.
    if (!bytes || record?.physicalOffset !== physicalOffset || record.topic !== topic) return undefined;
    return new HalfMessage(bytes, record);
  }

  /** The half message at that place of the half queue; undefined when it can't be read. */
  static at(store: MessageStore, queueOffset: number): HalfMessage | undefined {
    const entry = store.queueEntry(SystemTopic.TRANS_HALF, 0, queueOffset);
    return entry && HalfMessage.read(store, entry.physicalOffset, entry.size);
  }

  /** Its place in the half queue. */
  get queueOffset(): number {
    return this.record.queueOffset;
  }

  /** The place of the transaction's first half message: what its copies have in common. */
  get origin(): number {
    const text = this.record.property(MessageConst.PROPERTY_TRANSACTION_PREPARED_QUEUE_OFFSET);
    return text !== undefined && DIGITS.test(text)
      ? Math.min(Number(text), this.queueOffset)
      : this.queueOffset;
  }

  get producerGroup(): string | undefined {
    return this.record.property(MessageConst.PROPERTY_PRODUCER_GROUP);
  }

  /** The message's id, which is the transaction's, too. */
  get transactionId(): string | undefined {
    return this.record.property(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
  }

  /** Where it goes when it is committed; undefined when it doesn't say so, or names a topic it may not get into. */
  get real(): RealPlace | undefined {
    const topic = this.record.property(MessageConst.PROPERTY_REAL_TOPIC) ?? '';
    const queueId = this.record.property(MessageConst.PROPERTY_REAL_QUEUE_ID) ?? '';
    if (validateTopic(topic) !== undefined || !DIGITS.test(queueId) || INTERNAL.has(topic)) return undefined;
    return { topic, queueId: Number(queueId) };
  }

  /** How often its producers were asked. */
  get checkTimes(): number {
    const text = this.record.property(MessageConst.PROPERTY_TRANSACTION_CHECK_TIMES) ?? '';
    return DIGITS.test(text) ? Number(text) : 0;
  }

  /**
   * How long after its birth its producer is not asked by the message's own wish, in milliseconds; undefined when it has
   * none. A wish that is no number of seconds means `timeOut`.
   */
  immunity(timeOut: number): number | undefined {
    const text = this.record.property(MessageConst.PROPERTY_CHECK_IMMUNITY_TIME_IN_SECONDS);
    if (text === undefined || text === '') return undefined;
    return DIGITS.test(text) ? Number(text) * 1000 : timeOut;
  }

  /** The producer's address as the record carries it. */
  get bornHost(): Buffer {
    const end = RecordOffset.BORN_HOST + bornHostLength(this.record.sysFlag);
    return this.#bytes.subarray(RecordOffset.BORN_HOST, end);
  }

  /** Fills `message` with everything but topic, queue and store host. */
  fill(message: AppendMessage, properties: Buffer): void {
    const { record } = this;
    message.content(record.body, properties);
    message.flag = record.flag;
    message.sysFlag = record.sysFlag & ~MessageSysFlag.TRANSACTION_MASK;
    message.bornTimestamp = record.bornTimestamp;
    message.bornHost = this.bornHost;
    message.reconsumeTimes = record.reconsumeTimes;
    message.preparedTransactionOffset = 0;
    message.tagsCode = undefined;
  }
}

/** Topics of the transactions themselves: a message committed to one of them would be taken for what it is not. */
const INTERNAL: ReadonlySet<string> = new Set([
  SystemTopic.TRANS_HALF,
  SystemTopic.TRANS_OP_HALF,
  SystemTopic.SCHEDULE,
]);
