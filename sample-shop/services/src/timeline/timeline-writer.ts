import { sleep, type Clock, type Logger } from '@nest-rocketmq/runtime';
import type { TimelineEntity } from './timeline.entity.ts';

/** How many events wait to be written at most; the oldest give way. */
const MOST_WAITING = 10_000;
/** How many are written at once: a statement has so many parameters and no more. */
const BATCH = 500;
/** After a failure it waits so long, and longer each time. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** Where events are written. */
export interface TimelineSink {
  write(events: readonly TimelineEntity[]): Promise<void>;
}

/**
 * Writes events behind the back of whoever has them: at once, but nobody waits. While the database is away they are kept, as
 * many as there is room for.
 */
export class TimelineWriter {
  readonly #sink: TimelineSink;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #stop = new AbortController();
  #waiting: TimelineEntity[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;

  constructor(sink: TimelineSink, clock: Clock, logger: Pick<Logger, 'warn'>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes an event. Never throws, never waits. */
  add(event: TimelineEntity): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when what was taken so far is written, or can't be in that time. Takes nothing more. */
  async close(timeoutMs: number): Promise<void> {
    const patience = new AbortController();
    const over = sleep(this.#clock, timeoutMs, patience.signal).catch(() => undefined);
    await Promise.race([this.#writing ?? Promise.resolve(), over]);
    patience.abort();
    this.#stop.abort();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    let delay = FIRST_DELAY_MS;
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#sink.write(batch);
        // What was dropped meanwhile was at the front, too.
        const written = new Set(batch);
        this.#waiting = this.#waiting.filter((event) => !written.has(event));
        delay = FIRST_DELAY_MS;
      } catch (error) {
        this.#warn(error);
        await sleep(this.#clock, delay, this.#stop.signal).catch(() => undefined);
        delay = Math.min(2 * delay, LONGEST_DELAY_MS);
      }
    }
    this.#writing = undefined;
  }

  #warn(error: unknown): void {
    const lost = this.#lost === 0 ? '' : `; ${this.#lost} were given up`;
    this.#logger.warn(
      `The timeline can not be written, ${this.#waiting.length} events wait${lost}: ${(error as Error).message}`,
    );
  }
}
