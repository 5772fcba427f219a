import type { Clock } from '@nest-rocketmq/runtime';
import {
  ConsumerStatus,
  type ConsumedMessageId,
  type ConsumerLogQuery,
  type ConsumerLogRecord,
  type ConsumerLogStore,
} from './consumer-log-store.ts';

const LISTED = 100;
const PURGED_AT_ONCE = 500;

/** The log as an operator sees it: what failed and why, what hangs; another chance, and an end. */
export class ConsumerLogRepository {
  readonly #store: ConsumerLogStore<unknown>;
  readonly #clock: Clock;

  constructor(store: ConsumerLogStore<unknown>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** One message's row; undefined when its group never saw it, or its row was purged. */
  find(id: ConsumedMessageId): Promise<ConsumerLogRecord | undefined> {
    return this.#store.find(id);
  }

  /** What failed the last time, with the reason in `remark`; oldest first, 100 at most unless `limit` says otherwise. */
  failed(query: Partial<Omit<ConsumerLogQuery, 'status'>> = {}): Promise<ConsumerLogRecord[]> {
    return this.#store.list({ limit: LISTED, ...query, status: ConsumerStatus.FAILED });
  }

  /** What has been in process for longer than `age` milliseconds: its owner is slow, or died. */
  hanging(
    age: number,
    query: Partial<Omit<ConsumerLogQuery, 'status' | 'before'>> = {},
  ): Promise<ConsumerLogRecord[]> {
    const before = this.#clock.now() - age;
    return this.#store.list({ limit: LISTED, ...query, before, status: ConsumerStatus.PROCESSING });
  }

  /**
   * Forgets the failures of a message, so that its next delivery runs its handler again. The delivery itself is RocketMQ's:
   * replay the dead letter.
   * @returns false when the message has not failed
   */
  async retry(id: ConsumedMessageId): Promise<boolean> {
    const found = await this.#store.find(id);
    if (found?.consumerStatus !== ConsumerStatus.FAILED) return false;
    const fresh = {
      consumerStatus: ConsumerStatus.FAILED,
      consumerTimes: 0,
      consumerTimestamp: this.#clock.now(),
    };
    return this.#store.compareAndSet(id, found, fresh);
  }

  /**
   * Deletes rows that came to `done`, or to `failed`, more than `age` milliseconds ago. A message that comes again after that
   * is consumed again.
   * @returns how many
   */
  async purge(age: number, status: 'done' | 'failed' = 'done'): Promise<number> {
    const before = this.#clock.now() - age;
    const purged = status === 'done' ? ConsumerStatus.DONE : ConsumerStatus.FAILED;
    let total = 0;
    for (let deleted = PURGED_AT_ONCE; deleted === PURGED_AT_ONCE; total += deleted)
      deleted = await this.#store.purge(purged, before, PURGED_AT_ONCE);
    return total;
  }
}
