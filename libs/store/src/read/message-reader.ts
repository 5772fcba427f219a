import type { Clock } from '@nest-rocketmq/runtime';
import os from 'node:os';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { SMALLEST_RECORD } from '../commit-log/record-fields.ts';
import { CQ_STORE_UNIT_SIZE, isPreBlank } from '../consume-queue/consume-queue.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { StoreConfig } from '../store-config.ts';
import { int64Of, viewOf } from './data-views.ts';
import { LogBlocks } from './log-blocks.ts';
import { type KeptRecords, RecentPulls } from './recent-pulls.ts';
import { isEntrysRecord, type PropertiesView, RecordProperties } from './record-properties.ts';
import { type PullQuery, Selection } from './selection.ts';

/** RocketMQ's MAX_PULL_MSG_SIZE. */
const MAX_PULL_BYTES = 128 * 1024 * 1024;
/** What a read of its own costs is what copying about so many bytes more costs: a smaller gap is read as well. */
const GAP_BYTES = 32 * 1024;
const UNITS_AT_ONCE = 800;
const DAMAGED_KEPT = 10_000;
/** How long one select may look at properties, in milliseconds: the client asks again for the rest. */
const LOOK_MS = 10;

/**
 * Selects and reads messages for pulls (DefaultMessageStore.getMessage). Selecting looks at consume queue entries
 * alone, and at the records' properties where a query asks for that; reading takes whole runs of the log, one read each,
 * straight into the caller's buffer.
 */
export class MessageReader {
  readonly #log: CommitLog;
  readonly #queues: ConsumeQueues;
  readonly #config: StoreConfig;
  readonly #clock: Clock;
  readonly #memoryBytes: number;
  readonly #blocks: LogBlocks;
  readonly #recent = new RecentPulls();
  readonly #units = Buffer.allocUnsafeSlow(UNITS_AT_ONCE * CQ_STORE_UNIT_SIZE);
  /** The same bytes: entries are read one by one, and a view is what that is cheapest with. */
  readonly #entries = viewOf(this.#units);
  readonly #properties: RecordProperties;
  #looksUntil = 0;
  /** Records whose entry and content disagree: they are passed over. */
  readonly #damaged = new Set<number>();

  constructor(
    log: CommitLog,
    queues: ConsumeQueues,
    config: StoreConfig,
    clock: Clock,
    memoryBytes = os.totalmem(),
  ) {
    this.#log = log;
    this.#queues = queues;
    this.#config = config;
    this.#clock = clock;
    this.#blocks = new LogBlocks(log);
    this.#properties = new RecordProperties(log);
    this.#memoryBytes = (memoryBytes * config.accessMessageInMemoryMaxRatio) / 100;
  }

  select(query: PullQuery, into: Selection = new Selection()): Selection {
    into.reset(query.queueId);
    const queue = this.#queues.find(query.topic, query.queueId);
    if (!queue) {
      into.status = 'NO_MATCHED_LOGIC_QUEUE';
      into.nextBeginOffset = 0;
      return into;
    }
    const { offset } = query;
    const max = queue.readable;
    into.minOffset = queue.minOffset;
    into.maxOffset = max;
    into.nextBeginOffset = offset;
    if (max === 0) {
      into.status = 'NO_MESSAGE_IN_QUEUE';
      into.nextBeginOffset = 0;
    } else if (offset < queue.minOffset) {
      into.status = 'OFFSET_TOO_SMALL';
      into.nextBeginOffset = queue.minOffset;
    } else if (offset === max) {
      into.status = 'OFFSET_OVERFLOW_ONE';
    } else if (offset > max) {
      into.status = 'OFFSET_OVERFLOW_BADLY';
      into.nextBeginOffset = max;
    } else if (this.#recent.select(queue, query, this.#log.minOffset, into)) {
      into.status = 'FOUND';
      into.farBehind = !this.inMemory(into.positions[0] as number);
    } else {
      const perPull = Math.max(this.#config.maxFilterMessageSize, query.maxNums * CQ_STORE_UNIT_SIZE);
      const units = Math.min(UNITS_AT_ONCE, Math.floor(perPull / CQ_STORE_UNIT_SIZE), max - offset);
      const first = Math.min(units, Math.max(1, query.maxNums));
      let read = queue.read(offset, first, this.#units);
      if (read === 0) {
        into.status = 'OFFSET_FOUND_NULL';
        const perFile = this.#config.mappedFileSizeConsumeQueue / CQ_STORE_UNIT_SIZE;
        into.nextBeginOffset = Math.min(max, (Math.floor(offset / perFile) + 1) * perFile);
        return into;
      }
      let scanned = 0;
      if (query.matchesProperties !== undefined) this.#looksUntil = this.#clock.now() + LOOK_MS;
      // Most pulls take the first entries; only one that filters looks further.
      while (this.#scan(query, into, read) && into.count < query.maxNums && (scanned += read) < units) {
        read = queue.read(offset + scanned, Math.min(units - scanned, UNITS_AT_ONCE), this.#units);
        if (read === 0) break;
      }
      into.status =
        into.count > 0
          ? 'FOUND'
          : into.status === 'MESSAGE_WAS_REMOVING'
            ? into.status
            : 'NO_MATCHED_MESSAGE';
      this.#recent.selected(queue, query, into);
    }
    return into;
  }

  /** Adds what matches of `read` entries from `into.nextBeginOffset` on. @returns false when the pull is full, or its time is over */
  #scan(query: PullQuery, into: Selection, read: number): boolean {
    const entries = this.#entries;
    const minPhysical = this.#log.minOffset;
    const written = this.#log.writtenOffset;
    const maxBytes = Math.min(query.maxBytes ?? MAX_PULL_BYTES, MAX_PULL_BYTES);
    const looksUntil = query.matchesProperties === undefined ? 0 : this.#looksUntil;
    into.status = 'NO_MATCHED_MESSAGE';
    for (let at = 0; at < read * CQ_STORE_UNIT_SIZE; at += CQ_STORE_UNIT_SIZE) {
      const position = int64Of(entries, at);
      const size = entries.getInt32(at + 8);
      if (position < minPhysical || isPreBlank(position, size)) {
        if (into.count === 0) into.status = 'MESSAGE_WAS_REMOVING';
      } else if (
        size >= SMALLEST_RECORD &&
        size <= MAX_PULL_BYTES &&
        position + size <= written &&
        !this.#isDamaged(position)
      ) {
        const matched = query.matches === undefined || query.matches(int64Of(entries, at + 12));
        if (matched && (query.matchesProperties === undefined || this.#wanted(query, into, position, size))) {
          if (into.count > 0 && this.#full(into, position, size, query.maxNums, maxBytes)) return false;
          if (into.count === 0) into.farBehind = !this.inMemory(position);
          into.add(position, size, into.nextBeginOffset);
        }
      }
      into.nextBeginOffset++;
      if (looksUntil > 0 && this.#clock.now() >= looksUntil) return false;
    }
    return true;
  }

  /** Whether a record's properties match; what is not the entry's record matches nothing. */
  #wanted(query: PullQuery, into: Selection, position: number, size: number): boolean {
    const view = this.properties(query.queueId, into.nextBeginOffset, position, size);
    return view !== undefined && query.matchesProperties?.(view) !== false;
  }

  /** The properties of the record of a consume queue's entry, in a view that the next call changes; undefined without. */
  properties(queueId: number, offset: number, position: number, size: number): PropertiesView | undefined {
    if (size < SMALLEST_RECORD || size > MAX_PULL_BYTES) return undefined;
    const result = this.#properties.load(position, size, queueId, offset);
    if (result === 'loaded') return this.#properties;
    if (result === 'damaged') this.markDamaged(position);
    return undefined;
  }

  #full(into: Selection, position: number, size: number, maxNums: number, maxBytes: number): boolean {
    const config = this.#config;
    const bytes = into.bytes + size;
    if (into.count + 1 > maxNums || bytes > maxBytes) return true;
    return this.inMemory(position)
      ? bytes > config.maxTransferBytesOnMessageInMemory ||
          into.count + 1 > config.maxTransferCountOnMessageInMemory
      : bytes > config.maxTransferBytesOnMessageInDisk ||
          into.count + 1 > config.maxTransferCountOnMessageInDisk;
  }

  /** Whether a record is taken to be in the page cache: among the newest that 40 % of the memory can hold. */
  inMemory(position: number): boolean {
    return this.#log.writtenOffset - position <= this.#memoryBytes;
  }

  /** The selected records where another pull has just read them: not to be changed, and to be given back. */
  lend(selection: Selection): KeptRecords | undefined {
    return this.#recent.lend(selection, this.#log.minOffset);
  }

  /**
   * Puts the selected records, one after the other, at `target[at]`: `selection.bytes` bytes.
   * @returns false when one is not what its entry says, or is gone; then the selection is empty, its status
   *   MESSAGE_WAS_REMOVING, and its nextBeginOffset the first one's: selecting again passes over the damaged one
   */
  read(selection: Selection, target: Buffer, at: number): boolean {
    const { positions, sizes, count } = selection;
    const records = viewOf(target);
    let done = at;
    let apart = true;
    for (let first = 0; first < count;) {
      // A run of records without gaps, in one file.
      const start = positions[first] as number;
      let end = start + (sizes[first] as number);
      const segment = this.#log.segmentAt(start);
      let last = first + 1;
      while (last < count && positions[last] === end && this.#log.segmentAt(end) === segment) {
        end += sizes[last++] as number;
      }
      const near = last < count && Math.abs((positions[last] as number) - end) <= GAP_BYTES;
      // The records between this run and its neighbours are other queues', which are pulled as well.
      const ok =
        near || !apart
          ? this.#blocks.copy(start, end - start, target, done)
          : this.#log.read(start, end - start, target, done);
      apart = !near;
      if (!ok || !this.#check(selection, first, last, records, done)) {
        this.#refuse(selection);
        return false;
      }
      done += end - start;
      first = last;
    }
    this.#recent.keep(selection, target, at);
    return true;
  }

  /** Whether the records `first..last` of the selection, which lie at `records[at]`, are what their entries say. */
  #check(selection: Selection, first: number, last: number, records: DataView, at: number): boolean {
    const { queueId, positions, sizes, offsets } = selection;
    let to = at;
    for (let i = first; i < last; i++) {
      const size = sizes[i] as number;
      const position = positions[i] as number;
      if (!isEntrysRecord(records, to, size, position, queueId, offsets[i] as number)) {
        this.markDamaged(position);
        return false;
      }
      to += size;
    }
    return true;
  }

  #refuse(selection: Selection): void {
    selection.status = 'MESSAGE_WAS_REMOVING';
    selection.nextBeginOffset = selection.offsets[0] ?? selection.nextBeginOffset;
    selection.count = 0;
    selection.bytes = 0;
  }

  #isDamaged(position: number): boolean {
    return this.#damaged.size > 0 && this.#damaged.has(position);
  }

  /** From now on the record at this place is passed over. */
  markDamaged(position: number): void {
    if (this.#damaged.size >= DAMAGED_KEPT) this.#damaged.clear();
    this.#damaged.add(position);
    this.#recent.clear();
  }
}
