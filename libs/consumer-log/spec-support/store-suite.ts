import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { consumerLogStoreCases, outboxStoreCases } from '../src/conformance/index.ts';
import { TypeOrmConsumerLogStore } from '../src/typeorm/typeorm-consumer-log-store.ts';
import { TypeOrmOutboxStore } from '../src/typeorm/typeorm-outbox-store.ts';
import { BUSINESS, type DatabaseKind, type TestDatabase } from './databases.ts';

/**
 * Runs the conformance suites on a kind of database; skipped, with the reason in its name, where there is none.
 * @param more further suites on the same database
 */
export function describeStores(
  { name, missing, start }: DatabaseKind,
  more: (database: () => TestDatabase) => void = () => {},
): void {
  const describeKind = missing === undefined ? describe : describe.skip;
  describeKind(missing === undefined ? `on ${name}` : `on ${name} (not here: ${missing})`, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await start();
    }, 60_000);
    afterAll(() => database.close());

    more(() => database);

    describe('the consumer log', () => {
      const cases = consumerLogStoreCases<EntityManager>({
        store: () => new TypeOrmConsumerLogStore(database.dataSource),
        change: (manager, key) => insertBusiness(manager, key),
        changed: (key) => hasBusiness(database.dataSource.manager, key),
      });
      for (const { name: title, run } of cases)
        it(`${title}`, async () => {
          await expect(run()).resolves.toBeUndefined();
        });
    });

    describe('the outbox', () => {
      const cases = outboxStoreCases<EntityManager>({
        store: () => new TypeOrmOutboxStore(database.dataSource),
        transaction: (work) => database.dataSource.transaction(work),
      });
      for (const { name: title, run } of cases)
        it(`${title}`, async () => {
          await expect(run()).resolves.toBeUndefined();
        });
    });
  });
}

/** A change of the business. */
export async function insertBusiness(manager: EntityManager, name: string): Promise<void> {
  await manager.createQueryBuilder().insert().into(BUSINESS, ['name']).values({ name }).execute();
}

/** Whether a change of the business was committed. */
export async function hasBusiness(manager: EntityManager, name: string): Promise<boolean> {
  return (await countBusiness(manager, name)) > 0;
}

/** How often a change of the business was committed. */
export async function countBusiness(manager: EntityManager, name: string): Promise<number> {
  const rows = manager
    .createQueryBuilder()
    .select('b.name')
    .from(BUSINESS, 'b')
    .where('b.name = :name', { name });
  return (await rows.getRawMany()).length;
}
