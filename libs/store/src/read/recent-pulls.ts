import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import type { PullQuery, Selection } from './selection.ts';

/** How many pulls are remembered. */
const SLOTS = 256;
/** The records of one pull are kept up to so many bytes: 16 MiB at most in all. */
const SLOT_BYTES = 64 * 1024;
/** For so many pulls records are kept after one was asked for a second time. */
const PATIENCE = 1024;

/** Records that readers share: nothing changes in them while anybody has them. */
export class KeptRecords {
  readonly #buffer = Buffer.allocUnsafeSlow(SLOT_BYTES);
  #bytes = this.#buffer;
  #readers = 0;

  /** The records. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Whether other records may take their place. */
  get free(): boolean {
    return this.#readers === 0;
  }

  /** Takes records over. */
  fill(source: Buffer, start: number, end: number): void {
    source.copy(this.#buffer, 0, start, end);
    this.#bytes = this.#buffer.subarray(0, end - start);
  }

  /** Somebody has them from now on, until {@link give}. */
  lend(): this {
    this.#readers++;
    return this;
  }

  give(): void {
    this.#readers--;
  }
}

/** One pull: which one it was, what it selected, and its records when they are kept. */
class Slot {
  queue: ConsumeQueue | undefined;
  offset = 0;
  maxNums = 0;
  count = 0;
  bytes = 0;
  readonly positions: number[] = [];
  readonly sizes: number[] = [];
  kept = false;
  records: KeptRecords | undefined;
}

/**
 * The pulls of the last moments, for the groups that read a queue behind another one: what the first of them selected
 * and gathered, the others take over. Neither the entries of a queue nor what they point to ever change.
 *
 * Only whole pulls without a filter are remembered, which give the same again as long as nothing is removed. Their
 * records are kept while there are readers that follow others; a reader by itself doesn't pay for it.
 */
export class RecentPulls {
  readonly #slots = Array.from({ length: SLOTS }, () => new Slot());
  /** Were in the way of others while somebody had them; the longest ago first. */
  readonly #spare: KeptRecords[] = [];
  #patience = 0;

  /**
   * Selects what the same pull selected before.
   * @param minPosition where the log begins
   * @returns false when that isn't known; then `into` is as it was
   */
  select(queue: ConsumeQueue, query: PullQuery, minPosition: number, into: Selection): boolean {
    if (!isPlain(query)) return false;
    const slot = this.#slot(query.queueId, query.offset);
    const { positions, sizes, count } = slot;
    if (slot.queue !== queue || slot.offset !== query.offset || slot.maxNums !== query.maxNums) return false;
    if ((positions[0] ?? -1) < minPosition || slot.bytes > (query.maxBytes ?? SLOT_BYTES)) return false;
    this.#patience = PATIENCE;
    for (let i = 0; i < count; i++)
      into.add(positions[i] as number, sizes[i] as number, into.nextBeginOffset++);
    return true;
  }

  /** Remembers what a pull selected, if it got all it wanted. */
  selected(queue: ConsumeQueue, query: PullQuery, selection: Selection): void {
    const { count, bytes, positions, sizes } = selection;
    if (!isPlain(query) || count !== query.maxNums || bytes > SLOT_BYTES) return;
    if (selection.nextBeginOffset - query.offset !== count) return;
    const slot = this.#slot(query.queueId, query.offset);
    slot.queue = queue;
    slot.offset = query.offset;
    slot.maxNums = query.maxNums;
    slot.count = count;
    slot.bytes = bytes;
    slot.kept = false;
    for (let i = 0; i < count; i++) {
      slot.positions[i] = positions[i] as number;
      slot.sizes[i] = sizes[i] as number;
    }
  }

  /** The selected records, for as long as the reader needs; undefined when they are not kept, or gone from the log since. */
  lend(selection: Selection, minPosition: number): KeptRecords | undefined {
    const slot = this.#slot(selection.queueId, selection.offsets[0] ?? -1);
    if (!slot.kept || !slot.records || !isOf(slot, selection)) return undefined;
    return (slot.positions[0] ?? -1) < minPosition ? undefined : slot.records.lend();
  }

  /** Keeps the selected records, which are at `target[at]` and right, while that pays. */
  keep(selection: Selection, target: Buffer, at: number): void {
    if (this.#patience === 0) return;
    const slot = this.#slot(selection.queueId, selection.offsets[0] ?? -1);
    if (!isOf(slot, selection)) return;
    this.#patience--;
    if (!slot.records?.free) slot.records = this.#inPlaceOf(slot.records);
    slot.records.fill(target, at, at + slot.bytes);
    slot.kept = true;
  }

  /** Forgets all of them. */
  clear(): void {
    for (const slot of this.#slots) {
      slot.queue = undefined;
      slot.count = 0;
      slot.kept = false;
    }
  }

  /** Room for other records than those that somebody has. */
  #inPlaceOf(lent: KeptRecords | undefined): KeptRecords {
    const oldest = this.#spare.shift();
    if (lent && this.#spare.length < SLOTS) this.#spare.push(lent);
    // What is still not given back by now may never be: a connection was closed with it.
    return oldest?.free ? oldest : new KeptRecords();
  }

  /** The pulls of one queue follow each other, and those of its neighbours are not far. */
  #slot(queueId: number, offset: number): Slot {
    const index = (Math.floor(offset / 32) * 8 + offset + queueId) % SLOTS;
    return this.#slots[index] as Slot;
  }
}

/** Without a filter. */
function isPlain(query: PullQuery): boolean {
  return query.matches === undefined && query.matchesProperties === undefined;
}

/** A record has one place alone: the same first and last of as many are the same records. */
function isOf(slot: Slot, { count, bytes, positions }: Selection): boolean {
  return (
    count > 0 &&
    slot.count === count &&
    slot.bytes === bytes &&
    slot.positions[0] === positions[0] &&
    slot.positions[count - 1] === positions[count - 1]
  );
}
