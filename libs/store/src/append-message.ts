import type { PropertyPlaces } from './commit-log/property-scan.ts';

const NOTHING = Buffer.alloc(0);

/** One message to append: filled and reused by the caller; the store keeps nothing of it. */
export class AppendMessage {
  topic = '';
  queueId = 0;
  flag = 0;
  /** MessageSysFlag; the bits of the host lengths (0x10, 0x20) are set by the store from the hosts given. */
  sysFlag = 0;
  bornTimestamp = 0;
  /** 8 bytes (IPv4 and port) or 20 (IPv6 and port). */
  bornHost: Buffer = NOTHING;
  storeHost: Buffer = NOTHING;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  body: Buffer = NOTHING;
  bodyStart = 0;
  bodyEnd = 0;
  /** The property string, copied as it is. */
  properties: Buffer = NOTHING;
  propertiesStart = 0;
  propertiesEnd = 0;
  /** Where the properties that the store looks for lie, for a caller who has found them; undefined: the store looks. */
  places: PropertyPlaces | undefined;
  /** What the consume queue entry carries; undefined: the hash of the TAGS property. */
  tagsCode: number | undefined;

  /** Sets body and properties as whole buffers. */
  content(body: Buffer, properties: Buffer = NOTHING): this {
    this.body = body;
    this.bodyStart = 0;
    this.bodyEnd = body.length;
    this.properties = properties;
    this.propertiesStart = 0;
    this.propertiesEnd = properties.length;
    this.places = undefined;
    return this;
  }
}

/** RocketMQ's PutMessageStatus, as far as the store itself decides it. */
export type AppendStatus =
  | 'PUT_OK'
  | 'MESSAGE_ILLEGAL'
  | 'PROPERTIES_SIZE_EXCEEDED'
  | 'SERVICE_NOT_AVAILABLE'
  | 'CREATE_MAPPED_FILE_FAILED';

/** What became of an append. Reused by the next call: read it before. */
export interface AppendResult {
  status: AppendStatus;
  /** Where the (first) record starts in the commit log. */
  physicalOffset: number;
  /** The message is durable when the progress has reached this offset. */
  endOffset: number;
  /** Bytes of all records. */
  size: number;
  /** Logical offset of the (first) message. */
  queueOffset: number;
  storeTimestamp: number;
  count: number;
  /** Of a batch: where each record starts. Empty for a single message. */
  physicalOffsets: number[];
}
