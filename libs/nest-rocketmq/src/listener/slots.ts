/** The places of one handler within its group. */
export interface Place {
  /** How many of its calls may run at the same time; as set by {@link Slots}. */
  limit: number;
  running: number;
  readonly own: number | undefined;
  readonly waiting: ((granted: boolean) => void)[];
}

/**
 * Limits how many calls run at the same time, of a group and of each of its handlers. Where a group has several handlers,
 * none of them can take all places: one is kept for each of the others, so that a handler that hangs stops no other.
 */
export class Slots {
  #limit: number;
  #running = 0;
  #next = 0;
  #stopped = false;
  readonly #places: Place[] = [];

  /** @param limit calls of the whole group at the same time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls that have a place. */
  get running(): number {
    return this.#running;
  }

  /**
   * Adds a handler.
   * @param own how many of its calls may run at the same time; undefined when only the group limits it
   */
  add(own: number | undefined): Place {
    const place: Place = { limit: 0, running: 0, own, waiting: [] };
    this.#places.push(place);
    this.#share();
    return place;
  }

  /** Changes the limit of the group: what runs ends, what waits begins when there is room. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#share();
    this.#grant();
  }

  /** Takes a place. @returns true at once where there is one, else a promise of whether there is one: not after {@link stop} */
  take(place: Place): true | Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    if (this.#isFree(place) && place.waiting.length === 0) {
      this.#running++;
      place.running++;
      return true;
    }
    return new Promise((resolve) => place.waiting.push(resolve));
  }

  /** Gives a place back: to whoever waits, the handlers in turn. */
  release(place: Place): void {
    this.#running--;
    place.running--;
    this.#grant();
  }

  /** Lets nobody begin any more: those that wait are told so. */
  stop(): void {
    this.#stopped = true;
    for (const { waiting } of this.#places) for (const tell of waiting.splice(0)) tell(false);
  }

  #isFree(place: Place): boolean {
    return this.#running < this.#limit && place.running < place.limit;
  }

  #grant(): void {
    const count = this.#places.length;
    for (let looked = 0; looked < count && this.#running < this.#limit; looked++) {
      const place = this.#places[this.#next++ % count];
      if (!place || !this.#isFree(place)) continue;
      const tell = place.waiting.shift();
      if (!tell) continue;
      this.#running++;
      place.running++;
      tell(true);
      looked = -1;
    }
    this.#next %= Math.max(count, 1);
  }

  #share(): void {
    const most = Math.max(1, this.#limit - (this.#places.length - 1));
    for (const place of this.#places) place.limit = Math.min(place.own ?? most, most);
  }
}
