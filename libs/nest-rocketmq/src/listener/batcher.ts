import type { Clock, Scheduled } from '@nest-rocketmq/runtime';

/** How messages are put together for one call. */
export interface BatchSettings {
  /** Messages of a call at most. */
  readonly size: number;
  /** How long the first of them waits for more, in milliseconds. */
  readonly wait: number;
}

/** Puts items together: a batch is given on when it is full, or when its first item has waited long enough. */
export class Batcher<Item> {
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #onBatch: (items: Item[]) => void;
  #items: Item[] = [];
  #timer: Scheduled | undefined;

  constructor(settings: BatchSettings, clock: Clock, onBatch: (items: Item[]) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onBatch = onBatch;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length >= this.#settings.size) this.flush();
    else this.#timer ??= this.#clock.schedule(this.#settings.wait, () => this.flush());
  }

  /** Gives on what there is. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) this.#onBatch(items);
  }
}
