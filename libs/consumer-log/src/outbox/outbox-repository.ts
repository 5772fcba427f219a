import type { Clock } from '@nest-rocketmq/runtime';
import { OutboxStatus, type OutboxQuery, type OutboxRecord, type OutboxStore } from './outbox-store.ts';

const LISTED = 100;
const PURGED_AT_ONCE = 500;

/** The outbox as an operator sees it: what waits, what was given up and why; another chance, and an end. */
export class OutboxRepository {
  readonly #store: OutboxStore<never>;
  readonly #groupName: string;
  readonly #clock: Clock;

  constructor(store: OutboxStore<never>, groupName: string, clock: Clock) {
    this.#store = store;
    this.#groupName = groupName;
    this.#clock = clock;
  }

  /** How many messages wait to be sent, and for how long the oldest has, in milliseconds. */
  async backlog(): Promise<{ count: number; age: number }> {
    const { count, oldest } = await this.#store.backlog(this.#groupName);
    return { count, age: oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest) };
  }

  /** What waits to be sent, in the order of writing, 100 at most unless `limit` says otherwise. */
  pending(query: Partial<Omit<OutboxQuery, 'status'>> = {}): Promise<OutboxRecord[]> {
    return this.#list(OutboxStatus.PENDING, query);
  }

  /** What was given up, with the reason in `remark`. */
  failed(query: Partial<Omit<OutboxQuery, 'status'>> = {}): Promise<OutboxRecord[]> {
    return this.#list(OutboxStatus.FAILED, query);
  }

  /** Has a message that was given up sent after all. @returns false when it was not given up */
  retry(id: string): Promise<boolean> {
    return this.#store.requeue(id, this.#clock.now());
  }

  /** Deletes what was sent, or given up, more than `age` milliseconds ago. @returns how many */
  async purge(age: number, status: 'done' | 'failed' = 'done'): Promise<number> {
    const before = this.#clock.now() - age;
    const purged = status === 'done' ? OutboxStatus.DONE : OutboxStatus.FAILED;
    let total = 0;
    for (let deleted = PURGED_AT_ONCE; deleted === PURGED_AT_ONCE; total += deleted)
      deleted = await this.#store.purge(purged, before, PURGED_AT_ONCE);
    return total;
  }

  #list(status: OutboxStatus, query: Partial<OutboxQuery>): Promise<OutboxRecord[]> {
    return this.#store.list({ groupName: this.#groupName, limit: LISTED, ...query, status });
  }
}
