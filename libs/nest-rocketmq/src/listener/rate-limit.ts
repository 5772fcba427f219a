import { parseDuration, RocketMQError, type Clock, type Scheduled } from '@nest-rocketmq/runtime';

/** So many messages in so many milliseconds. */
export interface Rate {
  readonly messages: number;
  readonly perMs: number;
}

/**
 * Reads a rate: messages a second as a number, or text such as `'100'`, `'100/s'`, `'600/1m'`, `'1/500ms'`.
 * @throws RocketMQError `INVALID_CONFIG` when it is none, or not above 0
 */
export function parseRate(rate: number | string): Rate {
  const [, count, period] = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*(\S+)\s*)?$/.exec(String(rate)) ?? [];
  const messages = Number(count);
  if (!(messages > 0)) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      `not a rate: give messages a second, or text such as '100/s', '600/1m'`,
    );
  }
  const perMs = period === undefined ? 1000 : parseDuration(/^\d/.test(period) ? period : `1${period}`);
  if (perMs > 0) return { messages, perMs };
  throw new RocketMQError('INVALID_CONFIG', `not a rate: its time must be above 0`);
}

/** As much of what was not used may be used at once, in milliseconds: finer than timers are. */
const BURST_MS = 10;

/** Spaces calls evenly, so that no more messages are handled than a {@link Rate} allows; first come, first served. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #spacing: number;
  /** When the next message may begin, in milliseconds of the clock. */
  #next = 0;
  #stopped = false;
  readonly #waiting = new Map<(mayBegin: boolean) => void, Scheduled>();

  constructor({ messages, perMs }: Rate, clock: Clock) {
    this.#clock = clock;
    this.#spacing = perMs / messages;
  }

  /**
   * Waits for the turn of a call.
   * @param messages how many the call takes
   * @returns true at once where it need not wait, else a promise of whether it may begin: not after {@link stop}
   */
  take(messages = 1): true | Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    const now = this.#clock.now();
    const at = Math.max(this.#next, now - BURST_MS);
    this.#next = at + this.#spacing * messages;
    if (at <= now) return true;
    return new Promise((resolve) => {
      const timer = this.#clock.schedule(at - now, () => {
        this.#waiting.delete(resolve);
        resolve(true);
      });
      this.#waiting.set(resolve, timer);
    });
  }

  /** Lets nobody begin any more: those that wait are told so. */
  stop(): void {
    this.#stopped = true;
    for (const [tell, timer] of this.#waiting) {
      timer.cancel();
      tell(false);
    }
    this.#waiting.clear();
  }
}
