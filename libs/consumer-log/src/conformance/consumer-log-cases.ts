import assert from 'node:assert/strict';
import {
  ConsumerStatus,
  type ConsumerLogRecord,
  type ConsumerLogState,
  type ConsumerLogStore,
} from '../log/consumer-log-store.ts';
import { unique, type ConformanceCase } from './case.ts';

/** What the suite needs to know of the store that it looks at. */
export interface ConsumerLogStoreHarness<Tx> {
  /** The store; its table may be shared by all cases, and by other processes. */
  store(): ConsumerLogStore<Tx>;
  /** A business change made with the transaction, of which `changed` tells later whether it was committed. */
  change(transaction: Tx, key: string): Promise<void>;
  /** Whether the change of a key was committed. */
  changed(key: string): Promise<boolean>;
}

const { PROCESSING, DONE, FAILED } = ConsumerStatus;
const RACERS = 8;

/**
 * What a store of the consumer log has to do. In any test runner:
 * `for (const { name, run } of consumerLogStoreCases(harness)) it(name, run);`
 */
export function consumerLogStoreCases<Tx>(harness: ConsumerLogStoreHarness<Tx>): ConformanceCase[] {
  const on = (name: string, run: (store: ConsumerLogStore<Tx>) => Promise<void>): ConformanceCase => ({
    name,
    run: () => run(harness.store()),
  });
  return [
    on('gives back what was inserted, to the letter', async (store) => {
      const inserted = row({
        msgBody: '{"name":"Ämilie 😀","quote":"\'\\"}',
        remark: "it's\nbroken",
        consumerTimes: 2,
      });
      assert.equal(await store.insert(inserted), true);
      assert.deepEqual(await store.find(inserted), inserted);
      assert.equal(await store.find(row()), undefined);
    }),

    on('inserts a row once, however many try', async (store) => {
      const id = row();
      const tries = Array.from({ length: RACERS }, (_, i) => store.insert({ ...id, msgId: `try-${i}` }));
      const inserted = await Promise.all(tries);
      assert.equal(inserted.filter(Boolean).length, 1);
      assert.equal((await store.find(id))?.msgId, `try-${inserted.indexOf(true)}`);
    }),

    on('tells groups, tags and keys apart, also by case, accent and padding', async (store) => {
      const base = row({ groupName: unique('g'), msgTag: 'tag', msgKey: 'resume' });
      const others = [
        { ...base, groupName: `${base.groupName}x` },
        { ...base, msgTag: 'Tag' },
        { ...base, msgTag: '' },
        { ...base, msgKey: 'Resume' },
        { ...base, msgKey: 'résumé' },
        { ...base, msgKey: '1' },
        { ...base, msgKey: '01' },
      ];
      for (const one of [base, ...others]) assert.equal(await store.insert(one), true, one.msgKey);
    }),

    on('changes a row that is in the expected state, at once', async (store) => {
      const inserted = row();
      await store.insert(inserted);
      const failed = state(FAILED, 1, inserted.consumerTimestamp + 5);
      assert.equal(await store.compareAndSet(inserted, inserted, failed, 'why'), true);
      assert.deepEqual(await store.find(inserted), { ...inserted, ...failed, remark: 'why' });
      const again = state(PROCESSING, 1, inserted.consumerTimestamp + 6);
      assert.equal(await store.compareAndSet(inserted, failed, again), true);
      assert.deepEqual(await store.find(inserted), { ...inserted, ...again, remark: 'why' });
    }),

    on('leaves a row that is not in the expected state', async (store) => {
      const inserted = row({ consumerTimes: 1 });
      await store.insert(inserted);
      const { consumerTimestamp: time } = inserted;
      const next = state(DONE, 1, time + 9);
      for (const expected of [
        state(FAILED, 1, time),
        state(PROCESSING, 0, time),
        state(PROCESSING, 1, time + 1),
      ])
        assert.equal(await store.compareAndSet(inserted, expected, next), false);
      assert.equal(await store.compareAndSet(row(), inserted, next), false);
      assert.deepEqual(await store.find(inserted), inserted);
    }),

    on('lets one of many change a row', async (store) => {
      const inserted = row();
      await store.insert(inserted);
      const tries = Array.from({ length: RACERS }, (_, i) =>
        store.compareAndSet(inserted, inserted, state(PROCESSING, 1, inserted.consumerTimestamp + 1 + i)),
      );
      const changed = await Promise.all(tries);
      assert.equal(changed.filter(Boolean).length, 1);
      const found = await store.find(inserted);
      assert.equal(found?.consumerTimestamp, inserted.consumerTimestamp + 1 + changed.indexOf(true));
    }),

    on('commits a change of the row and one of the business together', async (store) => {
      const inserted = row();
      await store.insert(inserted);
      const done = state(DONE, 0, inserted.consumerTimestamp + 1);
      const returned = await store.transaction(async (transaction) => {
        await harness.change(transaction, inserted.msgKey);
        assert.equal(await store.compareAndSet(inserted, inserted, done, undefined, transaction), true);
        return 'returned';
      });
      assert.equal(returned, 'returned');
      assert.equal(await harness.changed(inserted.msgKey), true);
      assert.equal((await store.find(inserted))?.consumerStatus, DONE);
    }),

    on('rolls both back with the error that was thrown', async (store) => {
      const inserted = row();
      await store.insert(inserted);
      const thrown = new Error('no');
      const work = store.transaction(async (transaction) => {
        await harness.change(transaction, inserted.msgKey);
        const done = state(DONE, 0, inserted.consumerTimestamp + 1);
        await store.compareAndSet(inserted, inserted, done, undefined, transaction);
        throw thrown;
      });
      assert.equal(await work.catch((error: unknown) => error), thrown);
      assert.equal(await harness.changed(inserted.msgKey), false);
      assert.deepEqual(await store.find(inserted), inserted);
    }),

    on('lets one of many transactions take a row to done', async (store) => {
      const inserted = row();
      await store.insert(inserted);
      const tries = Array.from({ length: RACERS }, async (_, i) => {
        const key = `${inserted.msgKey}-${i}`;
        const work = store.transaction(async (transaction) => {
          await harness.change(transaction, key);
          const done = state(DONE, 0, inserted.consumerTimestamp + 1 + i);
          if (!(await store.compareAndSet(inserted, inserted, done, undefined, transaction)))
            throw new Error('late');
        });
        await work.catch(() => undefined);
        return harness.changed(key);
      });
      assert.equal((await Promise.all(tries)).filter(Boolean).length, 1);
    }),

    on('lists by group, status and time, oldest first, and no more than asked for', async (store) => {
      const groupName = unique('g');
      const rows = [FAILED, DONE, FAILED, FAILED].map((consumerStatus, i) =>
        row({ groupName, consumerStatus, consumerTimestamp: 9_000 - i }),
      );
      for (const one of rows) await store.insert(one);
      const [first, , third, fourth] = rows;
      assert.deepEqual(await store.list({ groupName, status: FAILED, limit: 10 }), [fourth, third, first]);
      assert.deepEqual(await store.list({ groupName, status: FAILED, limit: 2 }), [fourth, third]);
      assert.deepEqual(await store.list({ groupName, status: FAILED, before: 8_998, limit: 9 }), [fourth]);
      assert.equal((await store.list({ groupName, limit: 9 })).length, 4);
    }),

    on('purges what is old and of the status, and no more than asked for', async (store) => {
      const groupName = unique('g');
      const ages = [1, 2, 3, 4];
      for (const consumerTimestamp of ages)
        await store.insert(row({ groupName, consumerStatus: DONE, consumerTimestamp }));
      await store.insert(row({ groupName, consumerStatus: FAILED, consumerTimestamp: 1 }));
      assert.equal(await store.purge(DONE, 4, 2), 2);
      assert.equal(await store.purge(DONE, 4, 9), 1);
      const left = await store.list({ groupName, limit: 9 });
      assert.deepEqual(
        left.map(({ consumerStatus, consumerTimestamp }) => [consumerStatus, consumerTimestamp]),
        [
          [FAILED, 1],
          [DONE, 4],
        ],
      );
    }),

    on('holds times beyond 32 bits', async (store) => {
      const consumerTimestamp = Number.MAX_SAFE_INTEGER - 1;
      const inserted = row({ consumerTimestamp });
      await store.insert(inserted);
      const next = state(FAILED, 1, consumerTimestamp + 1);
      assert.equal(await store.compareAndSet(inserted, inserted, next), true);
      assert.equal((await store.find(inserted))?.consumerTimestamp, consumerTimestamp + 1);
    }),
  ];
}

function state(
  consumerStatus: ConsumerStatus,
  consumerTimes: number,
  consumerTimestamp: number,
): ConsumerLogState {
  return { consumerStatus, consumerTimes, consumerTimestamp };
}

function row(given: Partial<ConsumerLogRecord> = {}): ConsumerLogRecord {
  return {
    groupName: 'conformance',
    msgTag: 'tag',
    msgKey: unique('key'),
    msgId: 'AC11000100002A9F0000000000000001',
    msgBody: '{}',
    remark: '',
    ...state(PROCESSING, 0, Date.UTC(2026, 0, 1)),
    ...given,
  };
}
