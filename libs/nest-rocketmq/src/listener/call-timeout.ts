import type { Clock, Scheduled } from '@nest-rocketmq/runtime';

/** A handler that did not end in time: its message comes again, and what the call still does counts no more. */
export class HandlerTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`the handler did not end within ${timeoutMs} ms`);
    this.name = 'HandlerTimeout';
  }
}

interface Call {
  readonly deadline: number;
  readonly giveUp: () => void;
}

/**
 * Gives up on calls that take longer than a time-out, so that one that never ends holds neither its message nor its place
 * for ever. One timer for all of them: they all have the same time.
 */
export class CallTimeout {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** In the order they began, and so of their deadlines. */
  readonly #calls = new Set<Call>();
  #timer: Scheduled | undefined;

  constructor(timeoutMs: number, clock: Clock) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves and rejects as a call that begins now does, or rejects with {@link HandlerTimeout} when that takes too long. */
  within<T>(calling: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: Call = {
        deadline: this.#clock.now() + this.#timeoutMs,
        giveUp: () => reject(new HandlerTimeout(this.#timeoutMs)),
      };
      this.#calls.add(call);
      this.#timer ??= this.#clock.schedule(this.#timeoutMs, this.#expire);
      calling.then(
        (value) => {
          this.#calls.delete(call);
          resolve(value);
        },
        (error: unknown) => {
          this.#calls.delete(call);
          reject(error);
        },
      );
    });
  }

  /** Gives up on nothing any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#calls.clear();
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const call of this.#calls) {
      if (call.deadline > now) {
        this.#timer = this.#clock.schedule(call.deadline - now, this.#expire);
        return;
      }
      this.#calls.delete(call);
      call.giveUp();
    }
  };
}
