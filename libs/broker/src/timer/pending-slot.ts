import { TimerMagic, TimerUnit } from '@nest-rocketmq/store';

const INITIAL = 64;
/** A slot that had more gives its memory back. */
const KEPT = 64 * 1024;

/**
 * The messages of the slot that is being delivered, in the order of their times, then of their coming: a heap of columns,
 * so that a million of them are a few arrays and not a million objects.
 */
export class PendingSlot {
  #size = 0;
  #order = 0;
  /** Numbers of columns: those in use as a binary heap, then the free ones. */
  #heap = numbers(INITIAL);
  #dueAt = new Float64Array(INITIAL);
  #orders = new Float64Array(INITIAL);
  #physicalOffsets = new Float64Array(INITIAL);
  #enqueueTimes = new Float64Array(INITIAL);
  /** Three to a message: size, magic, hash of the topic. */
  #rest = new Int32Array(INITIAL * 3);
  readonly #top = new TimerUnit();

  get size(): number {
    return this.#size;
  }

  /** When the first one is due; Infinity when there is none. */
  get dueAt(): number {
    return this.#size === 0 ? Infinity : (this.#dueAt[this.#heap[0] ?? 0] ?? 0);
  }

  /** The first one. Reused by the next call. */
  get top(): TimerUnit {
    const column = this.#heap[0] ?? 0;
    const unit = this.#top;
    unit.dueAt = this.#dueAt[column] ?? 0;
    unit.physicalOffset = this.#physicalOffsets[column] ?? 0;
    unit.enqueueTime = this.#enqueueTimes[column] ?? 0;
    unit.size = this.#rest[column * 3] ?? 0;
    unit.magic = this.#rest[column * 3 + 1] ?? TimerMagic.DEFAULT;
    unit.topicHash = this.#rest[column * 3 + 2] ?? 0;
    return unit;
  }

  /** @param order its place among those due at the same time; default: behind all that came before */
  add(unit: TimerUnit, dueAt: number, order = this.#order): void {
    if (this.#size === this.#heap.length) this.#grow();
    this.#order = Math.max(this.#order, order + 1);
    const column = this.#heap[this.#size] ?? 0;
    this.#dueAt[column] = dueAt;
    this.#orders[column] = order;
    this.#physicalOffsets[column] = unit.physicalOffset;
    this.#enqueueTimes[column] = unit.enqueueTime;
    this.#rest[column * 3] = unit.size;
    this.#rest[column * 3 + 1] = unit.magic;
    this.#rest[column * 3 + 2] = unit.topicHash;
    this.#up(this.#size++);
  }

  /** Takes the first one out. */
  pop(): void {
    if (this.#size === 0) return;
    this.#swap(0, --this.#size);
    this.#down(0);
  }

  clear(): void {
    this.#size = 0;
    this.#order = 0;
    if (this.#heap.length > KEPT) this.#allocate(INITIAL);
  }

  /** All, in their order, leaving none. */
  *drain(): Generator<TimerUnit> {
    for (; this.#size > 0; this.pop()) yield this.top;
  }

  #less(a: number, b: number): boolean {
    const first = this.#heap[a] ?? 0;
    const second = this.#heap[b] ?? 0;
    const difference = (this.#dueAt[first] ?? 0) - (this.#dueAt[second] ?? 0);
    return difference !== 0 ? difference < 0 : (this.#orders[first] ?? 0) < (this.#orders[second] ?? 0);
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] ?? 0;
    this.#heap[a] = this.#heap[b] ?? 0;
    this.#heap[b] = kept;
  }

  #up(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#less(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(from: number): void {
    for (let at = from; ;) {
      const left = at * 2 + 1;
      let least = at;
      if (left < this.#size && this.#less(left, least)) least = left;
      if (left + 1 < this.#size && this.#less(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #grow(): void {
    const { length } = this.#heap;
    const old = [this.#dueAt, this.#orders, this.#physicalOffsets, this.#enqueueTimes];
    const [heap, rest] = [this.#heap, this.#rest];
    this.#allocate(length * 2);
    this.#heap.set(heap);
    this.#rest.set(rest);
    [this.#dueAt, this.#orders, this.#physicalOffsets, this.#enqueueTimes].forEach((column, i) =>
      column.set(old[i] ?? []),
    );
  }

  #allocate(length: number): void {
    this.#heap = numbers(length);
    this.#dueAt = new Float64Array(length);
    this.#orders = new Float64Array(length);
    this.#physicalOffsets = new Float64Array(length);
    this.#enqueueTimes = new Float64Array(length);
    this.#rest = new Int32Array(length * 3);
  }
}

function numbers(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}
