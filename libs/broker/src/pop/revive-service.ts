import { scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { PopParts } from './pop-parts.ts';
import type { ReviveLog } from './revive-log.ts';
import { ReviveQueue } from './revive-queue.ts';
import { RevivedMessages } from './revived-message.ts';

/** The pause between two goes at a long revive log, in milliseconds. */
const CATCH_UP_MS = 20;

/** Works off the queues of the revive log every `reviveInterval` milliseconds (AckMessageProcessor's PopReviveServices). */
export class ReviveService {
  readonly #parts: PopParts;
  readonly #queues: ReviveQueue[];
  readonly #timers: Scheduled[] = [];
  #catchUp: Scheduled | undefined;

  /** @param timersUpTo up to when timer messages have been delivered, in milliseconds */
  constructor(parts: PopParts, log: ReviveLog, timersUpTo: () => number) {
    this.#parts = parts;
    const stores = { log, messages: new RevivedMessages(parts), timersUpTo };
    this.#queues = Array.from(
      { length: parts.config.reviveQueueNum },
      (_, queueId) => new ReviveQueue(parts, queueId, stores),
    );
  }

  /** Starts working by the clock. */
  start(): void {
    const period = this.#parts.config.reviveInterval;
    this.#timers.push(scheduleEvery(this.#parts.storeClock, period, period, () => this.run()));
  }

  /** One round over all queues. */
  run(): void {
    this.#catchUp?.cancel();
    this.#catchUp = undefined;
    let more = false;
    for (const queue of this.#queues) {
      try {
        more = queue.run() || more;
      } catch (error) {
        // The other queues have nothing to do with it, and the next round tries again.
        this.#parts.logger.error('POP: a revive queue could not be worked off: it is tried again', error);
      }
    }
    if (more && this.#timers.length > 0)
      this.#catchUp = this.#parts.storeClock.schedule(CATCH_UP_MS, () => this.run());
  }

  /** Stops. */
  shutdown(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#catchUp?.cancel();
  }
}
