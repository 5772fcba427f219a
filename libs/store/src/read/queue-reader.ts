import { RECORD_MAGIC_V1, RECORD_MAGIC_V2, readInt64 } from '@nest-rocketmq/protocol';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { SMALLEST_RECORD } from '../commit-log/record-fields.ts';
import { type ConsumeQueue, CQ_STORE_UNIT_SIZE, isPreBlank } from '../consume-queue/consume-queue.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';

/** A consume queue entry. */
export interface QueueEntry {
  physicalOffset: number;
  size: number;
  tagsCode: number;
}

/** Which of two neighbours a time between them means. */
export type BoundaryType = 'LOWER' | 'UPPER';

const SYS_FLAG = 36;
const BORN_HOST_IPV6 = 0x10;

/** Single look-ups: by logical offset, by physical offset, by time. */
export class QueueReader {
  readonly #log: CommitLog;
  readonly #queues: ConsumeQueues;
  readonly #unit = Buffer.allocUnsafeSlow(CQ_STORE_UNIT_SIZE);
  readonly #head = Buffer.allocUnsafeSlow(SMALLEST_RECORD);

  constructor(log: CommitLog, queues: ConsumeQueues) {
    this.#log = log;
    this.#queues = queues;
  }

  entry(topic: string, queueId: number, offset: number): QueueEntry | undefined {
    const queue = this.#queues.find(topic, queueId);
    if (!queue || offset >= queue.readable || !this.#load(queue, offset)) return undefined;
    return {
      physicalOffset: readInt64(this.#unit, 0),
      size: this.#unit.readInt32BE(8),
      tagsCode: readInt64(this.#unit, 12),
    };
  }

  storeTime(topic: string, queueId: number, offset: number): number {
    const queue = this.#queues.find(topic, queueId);
    return queue && offset < queue.readable ? this.#timeOf(queue, offset) : -1;
  }

  offsetByTime(topic: string, queueId: number, timestamp: number, boundary: BoundaryType): number {
    const queue = this.#queues.find(topic, queueId);
    if (!queue) return 0;
    const { minOffset, readable } = queue;
    if (readable <= minOffset) return minOffset;
    // The first that is stored later (LOWER: at the time or later). One whose record is gone counts as earlier.
    const wanted = boundary === 'LOWER' ? timestamp : timestamp + 1;
    let low = minOffset;
    let high = readable;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#timeOf(queue, middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return boundary === 'LOWER' ? low : Math.max(minOffset, low - 1);
  }

  /** Moves the beginnings of all queues behind the messages whose files are gone (ConsumeQueue.correctMinOffset). */
  correctMinOffsets(): void {
    const min = this.#log.minOffset;
    if (min === 0) return;
    for (const queue of this.#queues.all()) correctMinOffset(queue, min);
  }

  /** A copy of the record at `offset`, if a whole one starts there and ends at `readable` or before. */
  record(offset: number, readable: number, size?: number): Buffer | undefined {
    if (
      !Number.isSafeInteger(offset) ||
      offset < this.#log.minOffset ||
      offset + SMALLEST_RECORD > readable
    ) {
      return undefined;
    }
    const head = this.#head;
    if (!this.#log.read(offset, SMALLEST_RECORD, head, 0)) return undefined;
    const length = head.readInt32BE(0);
    const magic = head.readInt32BE(4);
    if (magic !== RECORD_MAGIC_V1 && magic !== RECORD_MAGIC_V2) return undefined;
    if (length < SMALLEST_RECORD || offset + length > readable || readInt64(head, 28) !== offset)
      return undefined;
    if (size !== undefined && size !== length) return undefined;
    // A record never crosses a file's end: what claims to is none, and nothing is allocated for it.
    const segment = this.#log.segmentAt(offset);
    if (!segment || offset + length > segment.base + this.#log.segmentSize) return undefined;
    const record = Buffer.allocUnsafe(length);
    return this.#log.read(offset, length, record, 0) ? record : undefined;
  }

  #load(queue: ConsumeQueue, offset: number): boolean {
    return offset >= queue.minOffset && queue.read(offset, 1, this.#unit) === 1;
  }

  #timeOf(queue: ConsumeQueue, offset: number): number {
    if (!this.#load(queue, offset)) return -1;
    const head = this.#head;
    if (!this.#log.read(readInt64(this.#unit, 0), SMALLEST_RECORD, head, 0)) return -1;
    return readInt64(head, (head.readInt32BE(SYS_FLAG) & BORN_HOST_IPV6) === 0 ? 56 : 68);
  }
}

/** Moves a queue's beginning to its first message at `min` of the log or behind; files before it are removed. */
export function correctMinOffset(queue: ConsumeQueue, min: number): void {
  const unit = Buffer.allocUnsafe(CQ_STORE_UNIT_SIZE);
  const isGone = (offset: number): boolean =>
    queue.read(offset, 1, unit) === 1 &&
    (readInt64(unit, 0) < min || isPreBlank(readInt64(unit, 0), unit.readInt32BE(8)));
  let low = queue.minOffset;
  let high = queue.nextOffset;
  if (low >= high || !isGone(low)) return;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isGone(middle)) low = middle + 1;
    else high = middle;
  }
  queue.minOffset = low;
  queue.removeFilesBefore(low);
}
