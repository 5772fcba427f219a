import { RECORD_MAGIC_V1, RECORD_MAGIC_V2 } from '@nest-rocketmq/protocol';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { int64Of, viewOf } from './data-views.ts';

/** Read of a record at first: its fixed fields, and small messages whole. */
const HEAD_BYTES = 512;
/** The longest that can stand behind a body: topic and properties with their lengths. */
const MAX_TAIL_BYTES = 2 * (2 + 0xffff);

const BORN_HOST_IPV6 = 0x10;
const STORE_HOST_IPV6 = 0x20;

/** Where the properties of a record lie: good until the next record is looked at. */
export interface PropertiesView {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the properties of records from the log without their bodies: the first 512 bytes, and, unless these are all of
 * it, what follows the body. One buffer serves every record.
 */
export class RecordProperties implements PropertiesView {
  readonly #log: CommitLog;
  #bytes = Buffer.allocUnsafeSlow(HEAD_BYTES);
  start = 0;
  end = 0;

  constructor(log: CommitLog) {
    this.#log = log;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * Looks at a record of `size` bytes at `position`.
   * @returns `gone` when its bytes can't be read, `damaged` when they are not what the consume queue's entry says
   */
  load(position: number, size: number, queueId: number, offset: number): 'loaded' | 'gone' | 'damaged' {
    const head = Math.min(size, HEAD_BYTES);
    if (!this.#log.read(position, head, this.#bytes, 0)) return 'gone';
    const bytes = this.#bytes;
    if (!isEntrysRecord(viewOf(bytes), 0, size, position, queueId, offset)) return 'damaged';
    const sysFlag = bytes.readInt32BE(36);
    const hosts = ((sysFlag & BORN_HOST_IPV6) !== 0 ? 20 : 8) + ((sysFlag & STORE_HOST_IPV6) !== 0 ? 20 : 8);
    const bodyLengthAt = 68 + hosts;
    if (bodyLengthAt + 4 > head) return 'damaged';
    const bodyLength = bytes.readInt32BE(bodyLengthAt);
    const tailAt = bodyLengthAt + 4 + bodyLength;
    const tail = size - tailAt;
    if (bodyLength < 0 || tail < 3 || tail > MAX_TAIL_BYTES) return 'damaged';
    const longTopic = bytes.readInt32BE(4) === RECORD_MAGIC_V2;
    if (head === size) return this.#tail(tailAt, size, longTopic);
    if (tail > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(MAX_TAIL_BYTES);
    if (!this.#log.read(position + tailAt, tail, this.#bytes, 0)) return 'gone';
    return this.#tail(0, tail, longTopic);
  }

  /** Topic and properties, which are the last of a record. */
  #tail(at: number, end: number, longTopic: boolean): 'loaded' | 'damaged' {
    const bytes = this.#bytes;
    const topicAt = at + (longTopic ? 2 : 1);
    const lengthAt = topicAt + (longTopic ? bytes.readUInt16BE(at) : bytes.readUInt8(at));
    if (lengthAt + 2 > end || lengthAt + 2 + bytes.readUInt16BE(lengthAt) !== end) return 'damaged';
    this.start = lengthAt + 2;
    this.end = end;
    return 'loaded';
  }
}

/** Whether size, magic, queue and both offsets of the record at `buffer[at]` are those of a consume queue's entry. */
export function isEntrysRecord(
  view: DataView,
  at: number,
  size: number,
  position: number,
  queueId: number,
  offset: number,
): boolean {
  const magic = view.getInt32(at + 4);
  return (
    view.getInt32(at) === size &&
    (magic === RECORD_MAGIC_V1 || magic === RECORD_MAGIC_V2) &&
    view.getInt32(at + 12) === queueId &&
    int64Of(view, at + 20) === offset &&
    int64Of(view, at + 28) === position
  );
}
