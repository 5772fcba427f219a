import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type Tick } from '@nest-rocketmq/remoting';
import type { Clock } from '@nest-rocketmq/runtime';
import type { MessageStore } from '@nest-rocketmq/store';
import type { BrokerConfig } from '../config/broker-config.ts';

type Config = Pick<BrokerConfig, 'brokerFastFailureEnable' | 'waitTimeMillsInSendQueue'>;

/**
 * Refuses sends that have waited too long to be worth working on (BrokerFastFailure). Requests are served in the turn
 * they are read in, so what they wait for are the writes to the log that come before them in that turn: when those
 * have taken `waitTimeMillsInSendQueue` together, the rest of the turn's sends are answered SYSTEM_BUSY, as what heads
 * Java's send queue for so long is.
 */
export class FastFailure {
  readonly #config: Config;
  readonly #store: MessageStore;
  readonly #tick: Tick;
  readonly #clock: Clock;
  #waited = 0;
  #late = false;

  constructor(config: Config, parts: { store: MessageStore; tick: Tick; clock: Clock }) {
    this.#config = config;
    this.#store = parts.store;
    this.#tick = parts.tick;
    this.#clock = parts.clock;
  }

  /** Whether the sends at hand have waited too long. */
  get late(): boolean {
    return this.#late;
  }

  /** Writes what was appended, and notes how long that took. */
  commit(): void {
    const begin = this.#clock.now();
    this.#store.commit();
    if (this.#tick.open) {
      const { brokerFastFailureEnable, waitTimeMillsInSendQueue } = this.#config;
      this.#waited += this.#clock.now() - begin;
      this.#late = brokerFastFailureEnable && this.#waited >= waitTimeMillsInSendQueue;
    } else {
      this.#waited = 0;
      this.#late = false;
    }
  }

  /** What a send is told that comes {@link late}. @param size how many answers wait beside it */
  refusal(size: number): ResponseError {
    return new ResponseError(
      ResponseCode.SYSTEM_BUSY,
      '[TIMEOUT_CLEAN_QUEUE]broker busy, start flow control for a while, ' +
        `period in queue: ${this.#waited}ms, size of queue: ${size}`,
    );
  }
}
