import { MessageConst } from '../codes/message-const.ts';
import { MessageSysFlag } from '../codes/sys-flag.ts';
import { decodeHost } from './host.ts';
import { readInt64 } from './int64.ts';
import { offsetMessageId } from './message-id.ts';
import { decodeProperties, findProperty } from './properties.ts';
import {
  HOST_V4_LENGTH,
  HOST_V6_LENGTH,
  recordLayout,
  RecordOffset,
  type RecordLayout,
} from './record-layout.ts';
import type { SharedProperty } from './shared-property.ts';
import { SharedText } from './shared-text.ts';

/** How many bytes of a record are its born address, by its sysFlag. */
export function bornHostLength(sysFlag: number): number {
  return (sysFlag & MessageSysFlag.BORNHOST_V6_FLAG) === 0 ? HOST_V4_LENGTH : HOST_V6_LENGTH;
}

/** How many bytes of a record are its store address, by its sysFlag. */
export function storeHostLength(sysFlag: number): number {
  return (sysFlag & MessageSysFlag.STOREHOSTADDRESS_V6_FLAG) === 0 ? HOST_V4_LENGTH : HOST_V6_LENGTH;
}

/** The records of a pull are all of one topic, and mostly of few tags. */
const TOPIC = new SharedText();
const TAGS = new SharedText();

/**
 * One record, read part by part as it is asked for: a consumer of 100,000 records a second does not pay for what it
 * does not look at. The bytes are not copied, so they must stay as they are while the record is in use.
 */
export class MessageRecord {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #layout: RecordLayout;
  readonly #bodyEnd: number;
  readonly #topicStart: number;
  readonly #topicEnd: number;
  readonly #propertiesStart: number;
  readonly #propertiesEnd: number;
  #properties: Map<string, string> | undefined;
  #topic: string | undefined;

  /** For `decodeRecord`, which has checked that all lengths lie within the record. */
  constructor(
    bytes: Buffer,
    at: number,
    bodyEnd: number,
    topicStart: number,
    topicEnd: number,
    propertiesEnd: number,
  ) {
    this.#bytes = bytes;
    this.#at = at;
    const sysFlag = bytes.readInt32BE(at + RecordOffset.SYS_FLAG);
    this.#layout = recordLayout(bornHostLength(sysFlag), storeHostLength(sysFlag));
    this.#bodyEnd = bodyEnd;
    this.#topicStart = topicStart;
    this.#topicEnd = topicEnd;
    this.#propertiesStart = topicEnd + 2;
    this.#propertiesEnd = propertiesEnd;
  }

  /** The length of the whole record. */
  get totalSize(): number {
    return this.#int(RecordOffset.TOTAL_SIZE);
  }

  /** 1, or 2 when the topic's length has two bytes. */
  get version(): number {
    return this.#topicStart - this.#bodyEnd;
  }

  /** The CRC32 of the body as stored, without its top bit. */
  get bodyCrc(): number {
    return this.#int(RecordOffset.BODY_CRC);
  }

  get queueId(): number {
    return this.#int(RecordOffset.QUEUE_ID);
  }

  /** The application's own number. */
  get flag(): number {
    return this.#int(RecordOffset.FLAG);
  }

  /** Its place in the queue. */
  get queueOffset(): number {
    return this.#long(RecordOffset.QUEUE_OFFSET);
  }

  /** Its place in the commit log. */
  get physicalOffset(): number {
    return this.#long(RecordOffset.PHYSICAL_OFFSET);
  }

  /** The bits of `MessageSysFlag`. */
  get sysFlag(): number {
    return this.#int(RecordOffset.SYS_FLAG);
  }

  /** When the producer made it, in ms by the producer's clock. */
  get bornTimestamp(): number {
    return this.#long(RecordOffset.BORN_TIMESTAMP);
  }

  /** The producer's `ip:port`. */
  get bornHost(): string {
    return this.#host(RecordOffset.BORN_HOST, this.#layout.storeTimestamp);
  }

  /** When the broker stored it, in ms by the broker's clock. */
  get storeTimestamp(): number {
    return this.#long(this.#layout.storeTimestamp);
  }

  /** The broker's `ip:port`. */
  get storeHost(): string {
    return this.#host(this.#layout.storeHost, this.#layout.reconsumeTimes);
  }

  /** How often it was given to a consumer in vain. */
  get reconsumeTimes(): number {
    return this.#int(this.#layout.reconsumeTimes);
  }

  /** Of a committed or rolled back message: where its half message lies in the commit log. */
  get preparedTransactionOffset(): number {
    return this.#long(this.#layout.preparedTransactionOffset);
  }

  /** The body as stored: compressed where `sysFlag` says so. A view, not a copy. */
  get body(): Buffer {
    return this.#bytes.subarray(this.#at + this.#layout.body, this.#bodyEnd);
  }

  get topic(): string {
    return (this.#topic ??= TOPIC.of(this.#bytes, this.#topicStart, this.#topicEnd));
  }

  /** All properties. Decoded at the first use; later uses get the same map. */
  get properties(): Map<string, string> {
    return (this.#properties ??= decodeProperties(this.propertiesBytes));
  }

  /** The properties as stored. A view, not a copy. */
  get propertiesBytes(): Buffer {
    return this.#bytes.subarray(this.#propertiesStart, this.#propertiesEnd);
  }

  /** One property, without decoding the others. */
  property(name: string): string | undefined {
    if (this.#properties !== undefined) return this.#properties.get(name);
    const found = findProperty(this.#bytes, this.#propertiesStart, this.#propertiesEnd, name);
    return found === undefined ? undefined : this.#bytes.toString('utf8', found.start, found.end);
  }

  /** The tag by which consumers filter; undefined when it has none. */
  get tags(): string | undefined {
    if (this.#properties !== undefined) return this.#properties.get(MessageConst.PROPERTY_TAGS);
    const found = findProperty(
      this.#bytes,
      this.#propertiesStart,
      this.#propertiesEnd,
      MessageConst.PROPERTY_TAGS,
    );
    return found === undefined ? undefined : TAGS.of(this.#bytes, found.start, found.end);
  }

  /** As {@link property}, for less where the messages before had the same. */
  sharedProperty(property: SharedProperty): string | undefined {
    if (this.#properties !== undefined) return this.#properties.get(property.name);
    return property.of(this.#bytes, this.#propertiesStart, this.#propertiesEnd);
  }

  /** The id the broker gave it: its store address and its place in the commit log. */
  get offsetMsgId(): string {
    const { storeHost, reconsumeTimes } = this.#layout;
    return offsetMessageId(
      this.#bytes.subarray(this.#at + storeHost, this.#at + reconsumeTimes),
      this.physicalOffset,
    );
  }

  #int(offset: number): number {
    return this.#bytes.readInt32BE(this.#at + offset);
  }

  #long(offset: number): number {
    return readInt64(this.#bytes, this.#at + offset);
  }

  #host(start: number, end: number): string {
    return decodeHost(this.#bytes.subarray(this.#at + start, this.#at + end));
  }
}
