import { MessageConst, SharedProperty, type MessageRecord } from '@nest-rocketmq/protocol';
import { decompress } from './compression.ts';
import { withoutNamespace } from '../namespace/namespace.ts';
import type { MessageExt } from './message.ts';

/** What the messages of one pull have in common. */
export interface PullWindow {
  readonly brokerName: string;
  /** The bounds of the queue when it was pulled; undefined for messages that were not pulled. */
  readonly minOffset?: number;
  readonly maxOffset?: number;
  /** What to add to the offsets in the records (static topics). */
  readonly offsetDelta?: number;
  /** The consumer's retry topic: its messages show the topic they were sent to. */
  readonly retryTopic?: string;
  /** The topic that these messages were sent to, where they lie in another one (POP retry topics). */
  readonly shownTopic?: string;
  /** What topics of the consumer's namespace are shown without. */
  readonly namespace?: string;
}

/**
 * A message over its record: what a listener doesn't look at is never decoded. It also carries its state in the
 * process queue.
 */
export class ReceivedMessage implements MessageExt {
  readonly record: MessageRecord;
  readonly queueOffset: number;
  reconsumeTimes: number;
  /** When it was handed to a listener, in milliseconds since the epoch; 0: not yet. */
  consumeStartedAt = 0;
  /** Whether the process queue is done with it. */
  settled = false;
  readonly #window: PullWindow;
  #body: Buffer | undefined;
  #properties: Map<string, string> | undefined;

  constructor(record: MessageRecord, window: PullWindow) {
    this.record = record;
    this.#window = window;
    this.queueOffset = record.queueOffset + (window.offsetDelta ?? 0);
    this.reconsumeTimes = record.reconsumeTimes;
  }

  get topic(): string {
    const { namespace } = this.#window;
    return namespace === undefined ? this.storedTopic : withoutNamespace(namespace, this.storedTopic);
  }

  /** The topic as brokers know it. */
  get storedTopic(): string {
    const { topic } = this.record;
    if (topic !== this.#window.retryTopic) return this.#window.shownTopic ?? topic;
    return this.record.property(MessageConst.PROPERTY_RETRY_TOPIC) ?? topic;
  }

  get tags(): string | undefined {
    return this.record.tags;
  }

  get keys(): readonly string[] {
    const keys = this.record.property(MessageConst.PROPERTY_KEYS);
    return keys === undefined ? [] : keys.split(MessageConst.KEY_SEPARATOR).filter((key) => key !== '');
  }

  get body(): Buffer {
    return (this.#body ??= decompress(this.record.body, this.record.sysFlag));
  }

  get properties(): ReadonlyMap<string, string> {
    if (!this.#properties) {
      const { minOffset, maxOffset } = this.#window;
      this.#properties = new Map(this.record.properties);
      if (minOffset !== undefined) this.#properties.set(MessageConst.PROPERTY_MIN_OFFSET, String(minOffset));
      if (maxOffset !== undefined) this.#properties.set(MessageConst.PROPERTY_MAX_OFFSET, String(maxOffset));
    }
    return this.#properties;
  }

  get msgId(): string {
    return (
      this.record.property(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) ?? this.record.offsetMsgId
    );
  }

  get offsetMsgId(): string {
    return this.record.offsetMsgId;
  }

  get brokerName(): string {
    return this.#window.brokerName;
  }

  get queueId(): number {
    return this.record.queueId;
  }

  get bornTimestamp(): number {
    return this.record.bornTimestamp;
  }

  get bornHost(): string {
    return this.record.bornHost;
  }

  get storeTimestamp(): number {
    return this.record.storeTimestamp;
  }

  get storeHost(): string {
    return this.record.storeHost;
  }

  get sysFlag(): number {
    return this.record.sysFlag;
  }

  get flag(): number {
    return this.record.flag;
  }

  get commitLogOffset(): number {
    return this.record.physicalOffset;
  }

  get preparedTransactionOffset(): number {
    return this.record.preparedTransactionOffset;
  }

  get transactionId(): string | undefined {
    const id = this.record.property(MessageConst.PROPERTY_TRANSACTION_ID);
    if (id !== undefined) return id;
    const prepared = this.record.property(MessageConst.PROPERTY_TRANSACTION_PREPARED) === 'true';
    return prepared ? this.record.property(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX) : undefined;
  }

  get delayLevel(): number | undefined {
    const level = this.record.property(MessageConst.PROPERTY_DELAY_TIME_LEVEL);
    return level === undefined ? undefined : Number(level);
  }

  get storeSize(): number {
    return this.record.totalSize;
  }

  get bodyCRC(): number {
    return this.record.bodyCrc;
  }
}

/** The property by which Spring, and whoever does as it does, say what a body is. */
const CONTENT_TYPE = new SharedProperty('contentType');

/** The content type of a message, undefined when it has none; the other properties are not read for it. */
export function contentTypeOf(message: MessageExt): string | undefined {
  return message instanceof ReceivedMessage
    ? message.record.sharedProperty(CONTENT_TYPE)
    : message.properties.get(CONTENT_TYPE.name);
}
