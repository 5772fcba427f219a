import { RocketMQError, type Clock, type Logger } from '@nest-rocketmq/runtime';
import {
  ConsumerStatus,
  type ConsumedMessageId,
  type ConsumerLogRecord,
  type ConsumerLogState,
  type ConsumerLogStore,
} from './consumer-log-store.ts';
import { remarkText } from './storable-text.ts';

/** A message that is to be consumed once. */
export interface ConsumedMessage extends ConsumedMessageId {
  readonly msgId: string;
  readonly msgBody: string;
}

/** How a delivery ended, unless the handler failed. */
export type Consumption<T> =
  /** The handler ran, and what it changed is committed together with the log. */
  | { readonly outcome: 'consumed'; readonly result: T }
  /** Another delivery did the work: there is nothing to do. */
  | { readonly outcome: 'duplicate' }
  /** Another delivery is at it, or overtook this one; come back in `retryAfter` milliseconds. */
  | { readonly outcome: 'busy'; readonly retryAfter: number }
  /** It failed more often than it may, just now (by `cause`) or before: it waits for an operator. */
  | {
      readonly outcome: 'given-up';
      readonly times: number;
      readonly remark: string;
      readonly cause?: unknown;
    };

/** How a log judges what it finds. */
export interface ConsumerLogSettings {
  /** How many failures a message may have and still be tried again. */
  readonly maxFailures: number;
  /** After this time a row that is processed belongs to nobody: its owner died. Milliseconds. */
  readonly processingTimeout: number;
}

/** How often a row is looked at again that changes while it is looked at. */
const LOOKS = 10;
/** When a delivery that was overtaken comes back, in milliseconds. */
const OVERTAKEN_MS = 1_000;

/**
 * Consumes each message once for each group, however often it is delivered: before the handler runs a row says
 * `processing`; what the handler changes is committed together with `done`, or not at all.
 *
 * An attempt is told from every other one by the row's count and time. Whoever takes a row over changes them, so that an
 * owner that was believed dead can't commit any more.
 */
export class ConsumerLog<Tx> {
  readonly settings: ConsumerLogSettings;
  readonly #store: ConsumerLogStore<Tx>;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(store: ConsumerLogStore<Tx>, settings: ConsumerLogSettings, clock: Clock, logger: Logger) {
    this.#store = store;
    this.settings = settings;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Runs `handler` unless the message was consumed, or is being consumed, by its group.
   * @throws what the handler threw, unless that was its last attempt: its changes are rolled back, and the row says `failed`
   * and why. What the database throws when it is not there
   */
  async consume<T>(
    message: ConsumedMessage,
    handler: (transaction: Tx) => Promise<T>,
  ): Promise<Consumption<T>> {
    const begun = await this.#begin(message);
    if ('outcome' in begun) return begun;
    let overtaken = false;
    try {
      const result = await this.#store.transaction(async (transaction) => {
        const returned = await handler(transaction);
        const done = { ...begun, consumerStatus: ConsumerStatus.DONE, consumerTimestamp: this.#clock.now() };
        if (!(await this.#store.compareAndSet(message, begun, done, undefined, transaction))) {
          overtaken = true;
          throw new Overtaken();
        }
        return returned;
      });
      return { outcome: 'consumed', result };
    } catch (error) {
      if (overtaken) return { outcome: 'busy', retryAfter: OVERTAKEN_MS };
      const { consumerTimes: times } = await this.#fail(message, begun, error);
      if (times <= this.settings.maxFailures) throw error;
      return { outcome: 'given-up', times, remark: remarkText(error), cause: error };
    }
  }

  /** Makes the row this attempt's. @returns its state, or how the delivery ends without one */
  async #begin(
    message: ConsumedMessage,
  ): Promise<ConsumerLogState | Exclude<Consumption<never>, { outcome: 'consumed' }>> {
    const { maxFailures, processingTimeout } = this.settings;
    for (let look = 0; look < LOOKS; look++) {
      const now = this.#clock.now();
      const fresh = { consumerStatus: ConsumerStatus.PROCESSING, consumerTimes: 0, consumerTimestamp: now };
      const { groupName, msgTag, msgKey, msgId, msgBody } = message;
      const row = { groupName, msgTag, msgKey, msgId, msgBody, remark: '', ...fresh };
      if (await this.#store.insert(row)) return fresh;
      const found = await this.#store.find(message);
      if (found === undefined) continue;
      if (found.consumerStatus === ConsumerStatus.DONE) return { outcome: 'duplicate' };
      const orphan = found.consumerStatus === ConsumerStatus.PROCESSING;
      const left = found.consumerTimestamp + processingTimeout - now;
      if (orphan && left > 0) return { outcome: 'busy', retryAfter: left };
      // An owner that died may have died of this message, so that counts as a failure.
      const next: ConsumerLogState = {
        consumerStatus: ConsumerStatus.PROCESSING,
        consumerTimes: found.consumerTimes + (orphan ? 1 : 0),
        consumerTimestamp: Math.max(now, found.consumerTimestamp + 1),
      };
      if (next.consumerTimes > maxFailures) {
        const givenUp = await this.#giveUp(found, next);
        if (givenUp) return givenUp;
        continue;
      }
      if (await this.#store.compareAndSet(message, found, next)) return next;
    }
    return { outcome: 'busy', retryAfter: OVERTAKEN_MS };
  }

  async #giveUp(
    found: ConsumerLogRecord,
    { consumerTimes, consumerTimestamp }: ConsumerLogState,
  ): Promise<Extract<Consumption<never>, { outcome: 'given-up' }> | undefined> {
    if (found.consumerStatus === ConsumerStatus.FAILED)
      return { outcome: 'given-up', times: found.consumerTimes, remark: found.remark };
    const remark = found.remark || `its consumer ended ${consumerTimes} times without a word`;
    const failed = { consumerStatus: ConsumerStatus.FAILED, consumerTimes, consumerTimestamp };
    const changed = await this.#store.compareAndSet(found, found, failed, remark);
    return changed ? { outcome: 'given-up', times: consumerTimes, remark } : undefined;
  }

  /** The handler's error is what the caller has to hear of; a row that can't be changed now is taken over later. */
  async #fail(message: ConsumedMessage, begun: ConsumerLogState, error: unknown): Promise<ConsumerLogState> {
    const failed: ConsumerLogState = {
      consumerStatus: ConsumerStatus.FAILED,
      consumerTimes: begun.consumerTimes + 1,
      consumerTimestamp: this.#clock.now(),
    };
    try {
      await this.#store.compareAndSet(message, begun, failed, remarkText(error));
    } catch (second) {
      this.#logger.warn(
        `The failure of message ${message.msgId} could not be logged: it is tried again after ${this.settings.processingTimeout} ms`,
        second,
      );
    }
    return failed;
  }
}

/** Rolls the transaction of an attempt back that lost its row. */
class Overtaken extends RocketMQError {
  constructor() {
    super('WRONG_STATE', 'Another delivery of this message took it over: what this one did is rolled back');
  }
}
