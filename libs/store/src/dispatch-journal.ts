import type { ConsumeQueue } from './consume-queue/consume-queue.ts';

/** Told when a message has become readable. `maxOffset` is the queue's end, one above the message's logical offset. */
export type ArrivalListener = (
  topic: string,
  queueId: number,
  maxOffset: number,
  tagsCode: number,
  storeTimestamp: number,
) => void;

/**
 * The messages that are appended and not readable yet, in log order: until the commit, or, under SYNC_FLUSH, until the
 * flush. A ring of columns, so that a message costs no object.
 */
export class DispatchJournal {
  #capacity = 1024;
  #head = 0;
  #size = 0;
  #queues: (ConsumeQueue | undefined)[] = Array.from({ length: this.#capacity });
  /** Four to a message: end in the log, logical offset after it, tags code, store timestamp. */
  #numbers = new Float64Array(this.#capacity * 4);

  add(queue: ConsumeQueue, end: number, maxOffset: number, tagsCode: number, storeTimestamp: number): void {
    if (this.#size === this.#capacity) this.#grow();
    const index = (this.#head + this.#size++) & (this.#capacity - 1);
    this.#queues[index] = queue;
    const numbers = this.#numbers;
    const at = index * 4;
    numbers[at] = end;
    numbers[at + 1] = maxOffset;
    numbers[at + 2] = tagsCode;
    numbers[at + 3] = storeTimestamp;
  }

  /** Makes all messages that end at `offset` or before readable. @returns how many there are */
  publish(offset: number): number {
    let count = 0;
    while (count < this.#size) {
      const index = (this.#head + count) & (this.#capacity - 1);
      if ((this.#numbers[index * 4] as number) > offset) break;
      const queue = this.#queues[index] as ConsumeQueue;
      queue.readable = this.#numbers[index * 4 + 1] as number;
      count++;
    }
    return count;
  }

  /** Takes out the first `count` messages, telling the listener of each. */
  take(count: number, listener: ArrivalListener | undefined): void {
    for (let i = 0; i < count; i++) {
      const index = this.#head;
      const queue = this.#queues[index] as ConsumeQueue;
      const at = index * 4;
      const maxOffset = this.#numbers[at + 1] as number;
      const tagsCode = this.#numbers[at + 2] as number;
      const storeTimestamp = this.#numbers[at + 3] as number;
      this.#queues[index] = undefined;
      this.#head = (this.#head + 1) & (this.#capacity - 1);
      this.#size--;
      listener?.(queue.topic, queue.queueId, maxOffset, tagsCode, storeTimestamp);
    }
  }

  #grow(): void {
    const mask = this.#capacity - 1;
    const queues: (ConsumeQueue | undefined)[] = Array.from({ length: this.#capacity * 2 });
    const numbers = new Float64Array(this.#capacity * 8);
    for (let i = 0; i < this.#size; i++) {
      const from = (this.#head + i) & mask;
      queues[i] = this.#queues[from];
      numbers.set(this.#numbers.subarray(from * 4, from * 4 + 4), i * 4);
    }
    this.#queues = queues;
    this.#numbers = numbers;
    this.#capacity *= 2;
    this.#head = 0;
  }
}
