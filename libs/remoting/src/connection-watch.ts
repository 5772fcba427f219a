import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';

const PERIOD_MS = 1000;

/** What is looked after. */
export interface Watched {
  /** @param elapsedMs milliseconds since the last call */
  watch(elapsedMs: number): void;
}

/** Looks after all connections of a server or client once a second, with one timer, and none while there are none. */
export class ConnectionWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #timer: Scheduled | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(connection: Watched): void {
    this.#watched.add(connection);
    this.#timer ??= scheduleEvery(this.#clock, PERIOD_MS, PERIOD_MS, () => {
      for (const each of this.#watched) each.watch(PERIOD_MS);
    });
  }

  delete(connection: Watched): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
