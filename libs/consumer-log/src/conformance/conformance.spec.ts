import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { pglite, type TestDatabase } from '../../spec-support/databases.ts';
import { hasBusiness, insertBusiness } from '../../spec-support/store-suite.ts';
import type { ConsumerLogRecord, ConsumerLogState } from '../log/consumer-log-store.ts';
import { OutboxStatus, type Lease, type OutboxMessage, type OutboxRecord } from '../outbox/outbox-store.ts';
import { TypeOrmConsumerLogStore } from '../typeorm/typeorm-consumer-log-store.ts';
import { TypeOrmOutboxStore } from '../typeorm/typeorm-outbox-store.ts';
import { consumerLogStoreCases, outboxStoreCases, type ConformanceCase } from './index.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await pglite.start();
}, 60_000);
afterAll(() => database.close());

async function failing(cases: readonly ConformanceCase[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) await run().catch(() => failed.push(name));
  return failed;
}

/** Looks, then writes: as one does who never saw two processes do so. */
class ReadThenWrite extends TypeOrmConsumerLogStore {
  override async insert(record: ConsumerLogRecord): Promise<boolean> {
    if (await this.find(record)) return false;
    return super.insert(record);
  }

  override async compareAndSet(
    id: ConsumerLogRecord,
    expected: ConsumerLogState,
    next: ConsumerLogState,
    remark?: string,
    transaction?: EntityManager,
  ): Promise<boolean> {
    const found = transaction ? { ...id, ...expected } : await this.find(id);
    if (found?.consumerStatus !== expected.consumerStatus) return false;
    return super.compareAndSet(id, found, next, remark, transaction);
  }
}

/** Notes what is done outside of the transaction. */
class OutsideOfTransaction extends TypeOrmConsumerLogStore {
  readonly #manager: EntityManager;

  constructor(dataSource: DataSource) {
    super(dataSource);
    this.#manager = dataSource.manager;
  }

  override async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return work(this.#manager);
  }
}

/** Takes whatever is due, in no order of a key, and never lets it go. */
class Greedy extends TypeOrmOutboxStore {
  override async claim(groupName: string, lease: Lease, limit: number): Promise<OutboxRecord[]> {
    const { now } = lease;
    const pending = await this.list({ groupName, status: OutboxStatus.PENDING, limit });
    return pending.filter(({ statusTime }) => statusTime <= now);
  }
}

/** Forgets what belongs together. */
class WithoutOrder extends TypeOrmOutboxStore {
  override add(message: OutboxMessage, status: OutboxStatus, transaction: EntityManager): Promise<void> {
    return super.add({ ...message, hashKey: '' }, status, transaction);
  }
}

describe('the suites find out a store', () => {
  const logCases = (store: TypeOrmConsumerLogStore): ConformanceCase[] =>
    consumerLogStoreCases<EntityManager>({
      store: () => store,
      change: (manager, key) => insertBusiness(manager, key),
      changed: (key) => hasBusiness(database.dataSource.manager, key),
    });
  const outboxCases = (store: TypeOrmOutboxStore): ConformanceCase[] =>
    outboxStoreCases<EntityManager>({
      store: () => store,
      transaction: (work) => database.dataSource.transaction(work),
    });

  it('that looks before it writes', async () => {
    expect(await failing(logCases(new ReadThenWrite(database.dataSource)))).toContain(
      'leaves a row that is not in the expected state',
    );
  });

  it('that has no transactions', async () => {
    expect(await failing(logCases(new OutsideOfTransaction(database.dataSource)))).toEqual(
      expect.arrayContaining([
        'rolls both back with the error that was thrown',
        'lets one of many transactions take a row to done',
      ]),
    );
  });

  it('that leases nothing', async () => {
    expect(await failing(outboxCases(new Greedy(database.dataSource)))).toEqual(
      expect.arrayContaining([
        'leases in the order of writing, what is asked for, and what is leased to nobody else',
        'leases each message once, however many relays there are',
      ]),
    );
  });

  it('that keeps no order', async () => {
    expect(await failing(outboxCases(new WithoutOrder(database.dataSource)))).toEqual(
      expect.arrayContaining([
        'holds what comes after a message of the same hash key, and nothing else',
        'never leases a message while an earlier one of its hash key is with another relay',
      ]),
    );
  });
});
