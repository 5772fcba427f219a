import type { Clock, Scheduled } from '@nest-rocketmq/runtime';

/** A handler that did not end in time: its message comes again, and what the call still does counts no more. */
export class HandlerTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`the handler did not end within ${timeoutMs} ms`);
    this.name = 'HandlerTimeout';
  }
}

/** A call that is given up when it takes too long; a link of the list of all of them. */
export abstract class TimedCall {
  /** By the clock; 0: not noted yet. */
  deadline = 0;
  previous: TimedCall | undefined;
  next: TimedCall | undefined;

  /** Called once, when the call took too long. */
  abstract giveUp(error: HandlerTimeout): void;
}

/**
 * Gives up on calls that take longer than a time-out, so that one that never ends holds neither its message nor its place
 * for ever. One timer for all of them: they all have the same time, so they are in the order of their deadlines. A list of
 * links, as every message passes here; and the clock, which takes as long as all else here, is asked once for all calls
 * that begin in a turn of the loop.
 */
export class CallTimeout {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #first: TimedCall | undefined;
  #last: TimedCall | undefined;
  #timer: Scheduled | undefined;
  /** Until the deadlines of those that have begun are noted. */
  #noting: Scheduled | undefined;

  constructor(timeoutMs: number, clock: Clock) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** A call begins. */
  begin(call: TimedCall): void {
    call.previous = this.#last;
    if (this.#last) this.#last.next = call;
    else this.#first = call;
    this.#last = call;
    this.#noting ??= this.#clock.schedule(0, this.#note);
  }

  /** A call that has begun, and was not given up, has ended. */
  end(call: TimedCall): void {
    const { previous, next } = call;
    if (previous) previous.next = next;
    else if (this.#first === call) this.#first = next;
    if (next) next.previous = previous;
    else if (this.#last === call) this.#last = previous;
    call.previous = undefined;
    call.next = undefined;
  }

  /** Resolves and rejects as a call that begins now does, or rejects with {@link HandlerTimeout} when that takes too long. */
  within<T>(calling: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = new AwaitedCall(reject);
      this.begin(call);
      calling.then(resolve, reject).finally(() => this.end(call));
    });
  }

  /** Gives up on nothing any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#noting?.cancel();
    this.#noting = undefined;
    this.#first = undefined;
    this.#last = undefined;
  }

  /** Notes the deadlines of the calls that have begun since the last time, and still run: they are the last ones. */
  readonly #note = (): void => {
    this.#noting = undefined;
    const deadline = this.#clock.now() + this.#timeoutMs;
    for (let call = this.#last; call && call.deadline === 0; call = call.previous) call.deadline = deadline;
    if (this.#last) this.#timer ??= this.#clock.schedule(this.#timeoutMs, this.#expire);
  };

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    // Those that are not noted yet have only begun, and the timer is set for them when they are.
    for (let call = this.#first; call && call.deadline > 0; call = this.#first) {
      if (call.deadline > now) {
        this.#timer = this.#clock.schedule(call.deadline - now, this.#expire);
        return;
      }
      this.end(call);
      call.giveUp(new HandlerTimeout(this.#timeoutMs));
    }
  };
}

class AwaitedCall extends TimedCall {
  readonly #reject: (error: unknown) => void;

  constructor(reject: (error: unknown) => void) {
    super();
    this.#reject = reject;
  }

  giveUp(error: HandlerTimeout): void {
    this.#reject(error);
  }
}
