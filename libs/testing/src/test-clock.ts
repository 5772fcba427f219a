import { ManualClock, type Clock, type Scheduled } from '@nest-rocketmq/runtime';

/** How often waiting tasks are looked at while nobody advances the clock, in milliseconds. */
const DRIVE_MS = 10;
/** An advance of hours is taken in this many steps at most, of {@link SHORTEST_STEP_MS} at least. */
const MOST_STEPS = 20_000;
const SHORTEST_STEP_MS = 100;

/**
 * A clock that goes with the machine's and can be moved ahead: what a test waits for hours in RocketMQ comes in
 * milliseconds, and what takes milliseconds still happens by itself.
 */
export class TestClock implements Clock {
  readonly #tasks = new ManualClock(Date.now());
  readonly #drive: NodeJS.Timeout;
  #synchronised = performance.now();
  #latest = 0;

  constructor() {
    this.#drive = setInterval(() => this.#synchronise(), DRIVE_MS).unref();
  }

  /** Never less than it was: while waiting tasks are run their own clock is behind what has passed. */
  now(): number {
    const time = this.#tasks.now() + Math.floor(performance.now() - this.#synchronised);
    this.#latest = Math.max(this.#latest, time);
    return this.#latest;
  }

  schedule(delayMs: number, task: () => void): Scheduled {
    return this.#tasks.schedule(this.now() - this.#tasks.now() + delayMs, task);
  }

  /**
   * Moves the time ahead by `ms` milliseconds, in steps that let what comes of one step (deliveries, answers, retries) happen
   * before the next.
   */
  async advance(ms: number): Promise<void> {
    this.#synchronise();
    await this.#tasks.advanceAsync(ms, Math.max(SHORTEST_STEP_MS, Math.ceil(ms / MOST_STEPS)));
  }

  /** Stops going by itself. */
  stop(): void {
    clearInterval(this.#drive);
  }

  #synchronise(): void {
    const elapsed = Math.floor(performance.now() - this.#synchronised);
    this.#synchronised += elapsed;
    this.#tasks.advance(elapsed);
  }
}
