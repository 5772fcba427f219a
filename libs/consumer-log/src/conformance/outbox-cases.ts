import assert from 'node:assert/strict';
import {
  OutboxStatus,
  type OutboxMessage,
  type OutboxRecord,
  type OutboxStore,
} from '../outbox/outbox-store.ts';
import { unique, type ConformanceCase } from './case.ts';

/** What the suite needs to know of the store that it looks at. */
export interface OutboxStoreHarness<Tx> {
  /** The store; its table may be shared by all cases, and by other processes. */
  store(): OutboxStore<Tx>;
  /** Runs `work` in a transaction of the business: committed when it resolves, rolled back when it rejects. */
  transaction<T>(work: (transaction: Tx) => Promise<T>): Promise<T>;
}

const { PENDING, DONE, FAILED } = OutboxStatus;
const NOW = Date.UTC(2026, 0, 1);
const LEASE_MS = 30_000;
const RACERS = 4;

/**
 * What a store of an outbox has to do. In any test runner:
 * `for (const { name, run } of outboxStoreCases(harness)) it(name, run);`
 */
export function outboxStoreCases<Tx>(harness: OutboxStoreHarness<Tx>): ConformanceCase[] {
  const on = (name: string, run: (outbox: Subject<Tx>) => Promise<void>): ConformanceCase => ({
    name,
    run: () => run(new Subject(harness)),
  });
  return [
    on('gives back what was written, to the letter and the byte', async (outbox) => {
      const body = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const fields = {
        properties: { contentType: 'application/json', 'ä"\'\\': '\u0001😀' },
        flag: 7,
        delayTimeMs: 1500,
      };
      await outbox.add({ body, fields, hashKey: ' user 1 ', msgTag: 'created', msgKey: 'a b' });
      await outbox.add({ body: Buffer.from('{"text":"Ärger 😀"}') });
      const [bytes, text] = await outbox.claim();
      assert.deepEqual(Buffer.from(bytes?.body ?? []), body);
      assert.deepEqual(bytes?.fields, fields);
      const { hashKey, msgTag, msgKey, msgTopic, createTime, msgStatus, sendTimes, groupName } = bytes ?? {};
      assert.deepEqual([hashKey, msgTag, msgKey, msgTopic], [' user 1 ', 'created', 'a b', 'order']);
      assert.deepEqual([createTime, msgStatus, sendTimes, groupName], [NOW, PENDING, 0, outbox.group]);
      assert.equal(Buffer.from(text?.body ?? []).toString(), '{"text":"Ärger 😀"}');
    }),

    on('has nothing of a transaction that was rolled back', async (outbox) => {
      const work = harness.transaction(async (transaction) => {
        await outbox.store.add(outbox.message(), PENDING, transaction);
        throw new Error('no');
      });
      await assert.rejects(work, /no/);
      assert.deepEqual(await outbox.claim(), []);
    }),

    on(
      'leases in the order of writing, what is asked for, and what is leased to nobody else',
      async (outbox) => {
        for (const msgKey of ['1', '2', '3', '4']) await outbox.add({ msgKey });
        assert.deepEqual(keys(await outbox.claim({ limit: 3 })), ['1', '2', '3']);
        assert.deepEqual(keys(await outbox.claim()), ['4']);
        assert.deepEqual(await outbox.claim(), []);
      },
    ),

    on('leases again what a relay that died had', async (outbox) => {
      await outbox.add({});
      const [first] = await outbox.claim({ owner: 'dead' });
      assert.deepEqual(await outbox.claim({ now: NOW + LEASE_MS - 1 }), []);
      const [again] = await outbox.claim({ owner: 'heir', now: NOW + LEASE_MS });
      assert.equal(again?.id, first?.id);
      assert.equal(await outbox.settle(first, 'dead', DONE), false);
      assert.equal(await outbox.settle(first, 'heir', DONE), true);
    }),

    on('leases only messages of the group', async (outbox) => {
      await outbox.add({});
      assert.deepEqual(await outbox.store.claim(unique('g'), lease(unique('o'), NOW), 9), []);
    }),

    on('leases each message once, however many relays there are', async (outbox) => {
      for (let i = 0; i < 20; i++) await outbox.add({ msgKey: String(i) });
      const claims = await Promise.all(Array.from({ length: RACERS }, () => outbox.claim({ limit: 10 })));
      const leased = claims.flat().map(({ id }) => id);
      assert.equal(new Set(leased).size, leased.length);
      const rest = await outbox.claim({ limit: 20 });
      assert.equal(new Set([...leased, ...rest.map(({ id }) => id)]).size, 20);
    }),

    on('is done with what is settled so, and leases it no more', async (outbox) => {
      await outbox.add({});
      const [message] = await outbox.claim({ owner: 'o' });
      assert.equal(await outbox.settle(message, 'somebody else', DONE), false);
      assert.equal(await outbox.settle(message, 'o', DONE), true);
      assert.equal(await outbox.settle(message, 'o', FAILED), false);
      assert.deepEqual(await outbox.claim({ now: NOW + 10 * LEASE_MS }), []);
      assert.equal((await outbox.list(DONE))[0]?.id, message?.id);
    }),

    on('leases what failed when its time has come, with what is known of it', async (outbox) => {
      await outbox.add({});
      const [message] = await outbox.claim({ owner: 'o' });
      assert.equal(await outbox.settle(message, 'o', PENDING, NOW + 500, 'no broker'), true);
      assert.deepEqual(await outbox.claim({ now: NOW + 499 }), []);
      const [again] = await outbox.claim({ now: NOW + 500 });
      assert.deepEqual([again?.id, again?.sendTimes, again?.remark], [message?.id, 1, 'no broker']);
    }),

    on('holds what comes after a message of the same hash key, and nothing else', async (outbox) => {
      for (const [msgKey, hashKey] of [
        ['1', 'a'],
        ['2', 'b'],
        ['3', 'a'],
        ['4', ''],
      ] as const)
        await outbox.add({ msgKey, hashKey });
      const [first] = await outbox.claim({ owner: 'o', limit: 1 });
      assert.deepEqual(keys(await outbox.claim()), ['2', '4']);
      await outbox.settle(first, 'o', PENDING, NOW + 500, 'later');
      assert.deepEqual(await outbox.claim(), []);
      assert.deepEqual(keys(await outbox.claim({ now: NOW + 500 })), ['1', '3']);
    }),

    on('goes on behind a message of the same hash key that is done or has failed', async (outbox) => {
      for (const msgKey of ['1', '2', '3']) await outbox.add({ msgKey, hashKey: 'a' });
      const [first] = await outbox.claim({ owner: 'o', limit: 1 });
      await outbox.settle(first, 'o', DONE);
      const [second] = await outbox.claim({ owner: 'o', limit: 1 });
      assert.equal(second?.msgKey, '2');
      await outbox.settle(second, 'o', FAILED);
      assert.deepEqual(keys(await outbox.claim()), ['3']);
    }),

    on(
      'never leases a message while an earlier one of its hash key is with another relay',
      async (outbox) => {
        const count = 12;
        for (let i = 0; i < count; i++) await outbox.add({ msgKey: String(i), hashKey: 'a' });
        const sent: number[] = [];
        const relay = async (limit: number): Promise<void> => {
          while (sent.length < count) {
            const owner = unique('o');
            for (const message of await outbox.claim({ owner, limit })) {
              // The first of them is the slowest: it is overtaken wherever it can be.
              await new Promise((resolve) => setTimeout(resolve, (RACERS - limit) * 10));
              sent.push(Number(message.msgKey));
              await outbox.settle(message, owner, DONE);
            }
          }
        };
        await Promise.all(Array.from({ length: RACERS }, (_, i) => relay(i + 1)));
        assert.deepEqual(
          sent,
          Array.from({ length: count }, (_, i) => i),
        );
      },
    ),

    on('keeps without sending what is written as done', async (outbox) => {
      await harness.transaction((transaction) =>
        outbox.store.add(outbox.message({ msgKey: 'k' }), DONE, transaction),
      );
      assert.deepEqual(await outbox.claim(), []);
      const query = { groupName: outbox.group, msgTopic: 'order', limit: 9 };
      assert.deepEqual(keys(await outbox.store.list({ ...query, msgKey: 'k' })), ['k']);
      assert.deepEqual(await outbox.store.list({ ...query, msgKey: 'K' }), []);
    }),

    on('makes what has failed pending again, and nothing else', async (outbox) => {
      await outbox.add({});
      const [message] = await outbox.claim({ owner: 'o' });
      assert.equal(await outbox.store.requeue(message?.id ?? '', NOW), false);
      await outbox.settle(message, 'o', FAILED, NOW + 900, 'too large');
      assert.deepEqual(
        (await outbox.list(FAILED)).map(({ remark }) => remark),
        ['too large'],
      );
      assert.equal(await outbox.store.requeue(message?.id ?? '', NOW), true);
      const [again] = await outbox.claim();
      assert.deepEqual([again?.id, again?.sendTimes], [message?.id, 0]);
    }),

    on('counts what is pending, leased or not', async (outbox) => {
      assert.deepEqual(await outbox.store.backlog(outbox.group), { count: 0, oldest: undefined });
      await outbox.add({ createTime: NOW - 7 });
      await outbox.add({});
      await outbox.add({});
      const [message] = await outbox.claim({ owner: 'o', limit: 2 });
      assert.deepEqual(await outbox.store.backlog(outbox.group), { count: 3, oldest: NOW - 7 });
      await outbox.settle(message, 'o', DONE);
      assert.deepEqual(await outbox.store.backlog(outbox.group), { count: 2, oldest: NOW });
    }),

    on('purges what is old and of the status, and no more than asked for', async (outbox) => {
      for (let i = 0; i < 4; i++) await outbox.add({});
      const claimed = await outbox.claim({ owner: 'o' });
      for (const [i, message] of claimed.entries())
        await outbox.settle(message, 'o', i === 3 ? FAILED : DONE, i + 1);
      assert.equal(await outbox.store.purge(DONE, 3, 1), 1);
      assert.equal(await outbox.store.purge(DONE, 3, 9), 1);
      assert.equal(await outbox.store.purge(DONE, 3, 9), 0);
      assert.equal((await outbox.list(DONE)).length, 1);
      assert.equal((await outbox.list(FAILED)).length, 1);
    }),
  ];
}

/** An outbox with a group of its own. */
class Subject<Tx> {
  readonly group = unique('outbox');
  readonly store: OutboxStore<Tx>;
  readonly #harness: OutboxStoreHarness<Tx>;

  constructor(harness: OutboxStoreHarness<Tx>) {
    this.#harness = harness;
    this.store = harness.store();
  }

  message(given: Partial<OutboxMessage> = {}): OutboxMessage {
    return {
      groupName: this.group,
      msgTopic: 'order',
      msgTag: '',
      msgKey: '',
      body: Buffer.from('{}'),
      fields: {},
      hashKey: '',
      createTime: NOW,
      ...given,
    };
  }

  async add(given: Partial<OutboxMessage>): Promise<void> {
    await this.#harness.transaction((transaction) =>
      this.store.add(this.message(given), PENDING, transaction),
    );
  }

  claim({ owner = unique('o'), now = NOW, limit = 9 } = {}): Promise<OutboxRecord[]> {
    return this.store.claim(this.group, lease(this.#owner(owner), now), limit);
  }

  async settle(
    message: OutboxRecord | undefined,
    owner: string,
    msgStatus: OutboxStatus,
    statusTime = NOW,
    remark = '',
  ): Promise<boolean> {
    assert.ok(message, 'nothing was leased');
    const sendTimes = message.sendTimes + 1;
    return this.store.settle(message.id, this.#owner(owner), { msgStatus, statusTime, sendTimes, remark });
  }

  list(status: OutboxStatus): Promise<OutboxRecord[]> {
    return this.store.list({ groupName: this.group, status, limit: 9 });
  }

  /** Cases share a table, and an owner is one claim's. */
  #owner(name: string): string {
    return `${this.group}/${name}`;
  }
}

function lease(owner: string, now: number): { owner: string; now: number; until: number } {
  return { owner, now, until: now + LEASE_MS };
}

function keys(messages: readonly OutboxRecord[]): string[] {
  return messages.map(({ msgKey }) => msgKey);
}
