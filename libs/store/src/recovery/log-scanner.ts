import { RecordFields, SMALLEST_RECORD } from '../commit-log/record-fields.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { Segment } from '../files/segment.ts';

const CHUNK = 4 * 1024 * 1024;
/** A damaged size field must not make a reader allocate without bound. */
const LARGEST_RECORD = 128 * 1024 * 1024;

/** Reads the commit log's files from one end to the other, in large pieces. */
export class LogScanner {
  records = 0;
  readonly damaged: number[] = [];
  readonly #segments: Segment[];
  readonly #segmentSize: number;
  readonly #fs: FileSystem;
  readonly #checkCrc: boolean;
  readonly #durable: number;
  readonly #record = new RecordFields();
  #buffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  /** The offset of the buffer's first byte, and how many are valid. */
  #base = -1;
  #length = 0;

  /** @param durable records stored before this time were on the disk for certain; of those stored at it, some */
  constructor(segments: Segment[], segmentSize: number, fs: FileSystem, checkCrc: boolean, durable: number) {
    this.#segments = segments;
    this.#segmentSize = segmentSize;
    this.#fs = fs;
    this.#checkCrc = checkCrc;
    this.#durable = durable;
  }

  /** Whether a whole record starts at `offset`. */
  isRecord(offset: number): boolean {
    const segment = this.#segmentAt(offset);
    return segment !== undefined && this.#parse(segment, offset) === 'record';
  }

  /** The store timestamp of a file's first record, -1 when it has none. */
  firstTimestamp(segment: Segment): number {
    return this.#parse(segment, segment.base) === 'record' ? this.#record.storeTimestamp : -1;
  }

  /**
   * Gives every record from `start` on to `visit`, until the end of the log.
   * @returns the end: behind the last record, or the start of the file that follows a finished one
   */
  scan(start: number, visit: (record: RecordFields, buffer: Buffer) => void): number {
    const chunk = Math.min(CHUNK, this.#segmentSize);
    if (this.#buffer.length < chunk) this.#buffer = Buffer.allocUnsafeSlow(chunk);
    this.#base = -1;
    let offset = start;
    for (;;) {
      const segment = this.#segmentAt(offset);
      if (!segment) return offset;
      const kind = this.#parse(segment, offset);
      if (kind === 'record') {
        if (this.#looksTorn() && !this.#followed(segment, offset)) return offset;
        this.records++;
        visit(this.#record, this.#buffer);
        offset += this.#record.size;
      } else if (kind === 'blank') {
        offset = segment.base + this.#segmentSize;
      } else {
        const next = this.#resume(segment, offset);
        if (next < 0) return offset;
        this.damaged.push(offset);
        offset = next;
      }
    }
  }

  /**
   * The checksum is of the body alone. Of a record that was cut within topic or properties, and whose lengths add up, the
   * last byte is still the zero that the file was created with.
   */
  #looksTorn(): boolean {
    const { topicEnd, propertiesStart, propertiesEnd, storeTimestamp } = this.#record;
    if (storeTimestamp < this.#durable) return false;
    return this.#buffer[propertiesEnd > propertiesStart ? propertiesEnd - 1 : topicEnd - 1] === 0;
  }

  /** Whether something stands behind the record just parsed; afterwards it is parsed again. */
  #followed(segment: Segment, offset: number): boolean {
    const next = offset + this.#record.size;
    const followed = next < segment.base + this.#segmentSize && this.#parse(segment, next) !== 'invalid';
    this.#parse(segment, offset);
    return followed;
  }

  #segmentAt(offset: number): Segment | undefined {
    const first = this.#segments[0];
    if (!first || offset < first.base) return undefined;
    return this.#segments[Math.floor((offset - first.base) / this.#segmentSize)];
  }

  #parse(segment: Segment, offset: number): 'record' | 'blank' | 'invalid' {
    const left = segment.base + this.#segmentSize - offset;
    for (let wanted = SMALLEST_RECORD; ;) {
      this.#load(segment, offset, Math.min(wanted, left));
      const at = offset - this.#base;
      const kind = this.#record.parse(this.#buffer, at, this.#length, offset, left, this.#checkCrc);
      if (kind !== 'incomplete') return kind;
      if (this.#record.size <= wanted || this.#record.size > LARGEST_RECORD) return 'invalid';
      wanted = this.#record.size;
    }
  }

  /** Makes sure that `length` bytes from `offset` are in the buffer, as far as the file has them. */
  #load(segment: Segment, offset: number, length: number): void {
    if (this.#base >= 0 && offset >= this.#base && offset + length <= this.#base + this.#length) return;
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    const left = segment.base + this.#segmentSize - offset;
    const wanted = Math.min(this.#buffer.length, left);
    this.#length = this.#fs.read(segment.fd, this.#buffer, 0, wanted, offset - segment.base);
    this.#base = offset;
  }

  /**
   * Where the log goes on behind a place that holds no record. A torn tail has no such place; neither have pages that a
   * power loss took while later ones reached the disk: what is behind them was never durable. Only a record that was
   * durable proves that the bytes before it were damaged later.
   */
  #resume(segment: Segment, offset: number): number {
    if (this.#durable <= 0) return -1;
    const end = segment.base + this.#segmentSize;
    for (let at = offset + 1; at + SMALLEST_RECORD <= end; at++) {
      this.#load(segment, at, Math.min(SMALLEST_RECORD, end - at));
      const magic = this.#buffer.indexOf(MAGIC_START, at - this.#base + 4);
      if (magic < 0 || magic + 4 > this.#length) {
        const next = this.#base + this.#length - SMALLEST_RECORD;
        if (next <= at) break;
        at = next - 1;
        continue;
      }
      at = this.#base + magic - 4;
      if (this.#parse(segment, at) === 'record') return this.#record.storeTimestamp < this.#durable ? at : -1;
    }
    const next = this.#segmentAt(end);
    const timestamp = next ? this.firstTimestamp(next) : -1;
    return timestamp > 0 && timestamp < this.#durable ? end : -1;
  }
}

/** What both record magics begin with. */
const MAGIC_START = Buffer.from([0xda, 0xa3, 0x20]);
