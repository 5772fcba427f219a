import { BLANK_MAGIC, crc32, RECORD_MAGIC_V1, RECORD_MAGIC_V2 } from '@nest-rocketmq/protocol';
import { readInt64 } from '@nest-rocketmq/protocol';

const BORN_HOST_IPV6 = 0x10;
const STORE_HOST_IPV6 = 0x20;
const TRANSACTION_TYPE = 0xc;
const TRANSACTION_COMMIT = 0x8;
const TRANSACTION_ROLLBACK = 0xc;
/** The smallest record there can be: first layout, IPv4 hosts, nothing in it. */
export const SMALLEST_RECORD = 91;

/** Whether messages of this system flag get a consume queue entry: ordinary and committed ones do. */
export function hasQueueEntry(sysFlag: number): boolean {
  const type = sysFlag & TRANSACTION_TYPE;
  return type === 0 || type === TRANSACTION_COMMIT;
}

/** Whether messages of this system flag are indexed by key: all but those rolled back. */
export function isIndexed(sysFlag: number): boolean {
  return (sysFlag & TRANSACTION_TYPE) !== TRANSACTION_ROLLBACK;
}

/** What stands at a place in the log. */
export type RecordKind = 'record' | 'blank' | 'incomplete' | 'invalid';

/**
 * The fields of a record that recovery needs, found and checked in place; reused for every record
 * (CommitLog.checkMessageAndReturnSize).
 */
export class RecordFields {
  size = 0;
  queueId = 0;
  queueOffset = 0;
  physicalOffset = 0;
  sysFlag = 0;
  storeTimestamp = 0;
  topicStart = 0;
  topicEnd = 0;
  propertiesStart = 0;
  propertiesEnd = 0;

  /**
   * Looks at `buffer[at .. end)`, which starts at `physicalOffset` of the log and is followed by the end of the file
   * after `left` bytes.
   * @returns `incomplete` when {@link size} bytes are needed to tell
   */
  parse(
    buffer: Buffer,
    at: number,
    end: number,
    physicalOffset: number,
    left: number,
    checkCrc: boolean,
  ): RecordKind {
    this.size = 8;
    if (left < 8) return 'invalid';
    if (end - at < 8) return 'incomplete';
    const size = buffer.readInt32BE(at);
    const magic = buffer.readInt32BE(at + 4);
    this.size = size;
    if (magic === BLANK_MAGIC) return size === left ? 'blank' : 'invalid';
    if (magic !== RECORD_MAGIC_V1 && magic !== RECORD_MAGIC_V2) return 'invalid';
    if (size < SMALLEST_RECORD || size > left) return 'invalid';
    if (end - at < size) return 'incomplete';
    return this.#fields(buffer, at, physicalOffset, magic === RECORD_MAGIC_V2 ? 2 : 1, checkCrc)
      ? 'record'
      : 'invalid';
  }

  #fields(
    buffer: Buffer,
    at: number,
    physicalOffset: number,
    topicLengthBytes: number,
    checkCrc: boolean,
  ): boolean {
    const end = at + this.size;
    this.queueId = buffer.readInt32BE(at + 12);
    this.queueOffset = readInt64(buffer, at + 20);
    this.physicalOffset = readInt64(buffer, at + 28);
    this.sysFlag = buffer.readInt32BE(at + 36);
    if (this.physicalOffset !== physicalOffset) return false;
    const bornHost = (this.sysFlag & BORN_HOST_IPV6) !== 0 ? 20 : 8;
    const storeHost = (this.sysFlag & STORE_HOST_IPV6) !== 0 ? 20 : 8;
    const bodyLengthAt = at + 68 + bornHost + storeHost;
    if (bodyLengthAt + 4 > end) return false;
    this.storeTimestamp = readInt64(buffer, at + 48 + bornHost);
    const bodyLength = buffer.readInt32BE(bodyLengthAt);
    const topicAt = bodyLengthAt + 4 + bodyLength;
    if (bodyLength < 0 || topicAt + topicLengthBytes > end) return false;
    const topicLength = topicLengthBytes === 1 ? buffer.readUInt8(topicAt) : buffer.readUInt16BE(topicAt);
    this.topicStart = topicAt + topicLengthBytes;
    this.topicEnd = this.topicStart + topicLength;
    if (this.topicEnd + 2 > end) return false;
    this.propertiesStart = this.topicEnd + 2;
    this.propertiesEnd = this.propertiesStart + buffer.readUInt16BE(this.topicEnd);
    if (this.propertiesEnd !== end || this.queueId < 0 || this.queueOffset < 0) return false;
    if (!checkCrc || bodyLength === 0) return true;
    return crc32(buffer, bodyLengthAt + 4, topicAt) === buffer.readInt32BE(at + 8);
  }
}
