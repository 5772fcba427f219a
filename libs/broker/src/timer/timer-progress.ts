import type { MessageStore } from '@nest-rocketmq/store';

/**
 * Which slots may count as delivered after a power loss: those whose messages the commit log has flushed. A slot is found
 * to be over long before that.
 */
export class TimerProgress {
  readonly #store: MessageStore;
  /** Where the newest delivered message ends in the commit log. */
  #end = 0;
  #safe = 0;
  /** Passed slots that wait for the disk. */
  readonly #waiting: { slotTime: number; end: number }[] = [];

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** Everything before `slotTime` was delivered in an earlier life. */
  start(slotTime: number): void {
    this.#safe = slotTime;
  }

  /** A message was delivered; it is durable when the log is flushed up to `end`. */
  stored(end: number): void {
    this.#end = end;
  }

  /** All slots before `slotTime` have been delivered. */
  passed(slotTime: number): void {
    const last = this.#waiting.at(-1);
    if (last?.end === this.#end) last.slotTime = slotTime;
    else this.#waiting.push({ slotTime, end: this.#end });
  }

  /** Whether there are passed slots that wait for the disk. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The slot from which on messages must be delivered again if the power goes now. */
  safe(): number {
    const { flushedOffset } = this.#store;
    let count = 0;
    for (const { slotTime, end } of this.#waiting) {
      if (end > flushedOffset) break;
      this.#safe = slotTime;
      count++;
    }
    this.#waiting.splice(0, count);
    return this.#safe;
  }
}
