import { describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import type { EntityManager } from 'typeorm';
import { ConsumerLog } from '../src/log/consumer-log.ts';
import { OutboxRelay } from '../src/outbox/outbox-relay.ts';
import { OutboxStatus, type OutboxRecord } from '../src/outbox/outbox-store.ts';
import { TypeOrmConsumerLogStore } from '../src/typeorm/typeorm-consumer-log-store.ts';
import { TypeOrmOutboxStore } from '../src/typeorm/typeorm-outbox-store.ts';
import type { TestDatabase } from './databases.ts';
import { countBusiness, insertBusiness } from './store-suite.ts';

const TIMEOUT = 60_000;

/** What only shows where transactions go on at the same time. */
export function describeOverlap(database: () => TestDatabase): void {
  describe('at the same time', () => {
    let messages = 0;

    const logOf = (clock: ManualClock): ConsumerLog<EntityManager> =>
      new ConsumerLog(
        new TypeOrmConsumerLogStore(database().dataSource),
        { maxFailures: 3, processingTimeout: TIMEOUT },
        clock,
        silentLogger,
      );
    const newMessage = () => ({
      groupName: 'stock-service',
      msgTag: 'cancelled',
      msgKey: `overlap-${++messages}`,
      msgId: 'AC11',
      msgBody: '{}',
    });

    it('an owner that was believed dead is rolled back, and its heir commits', async () => {
      const clock = new ManualClock();
      const log = logOf(clock);
      const message = newMessage();
      const slow = await log.consume(message, async (manager) => {
        await insertBusiness(manager, message.msgKey);
        clock.advance(TIMEOUT);
        const heir = await log.consume(message, (other) => insertBusiness(other, message.msgKey));
        expect(heir.outcome).toBe('consumed');
      });
      expect(slow.outcome).toBe('busy');
      expect(await countBusiness(database().dataSource.manager, message.msgKey)).toBe(1);
    });

    it('an owner that is slow and its heir: one of them commits', async () => {
      const clock = new ManualClock();
      const log = logOf(clock);
      const message = newMessage();
      let overtaken = (): void => {};
      const heirWaits = new Promise<void>((resolve) => (overtaken = resolve));
      const outcomes = await Promise.all([
        log.consume(message, async (manager) => {
          await insertBusiness(manager, message.msgKey);
          clock.advance(TIMEOUT);
          overtaken();
        }),
        heirWaits.then(() => log.consume(message, (manager) => insertBusiness(manager, message.msgKey))),
      ]);
      expect(outcomes.filter(({ outcome }) => outcome === 'consumed')).toHaveLength(1);
      expect(await countBusiness(database().dataSource.manager, message.msgKey)).toBe(1);
    });

    it('many deliveries of many messages, some of which fail: each is done once', async () => {
      const clock = new ManualClock();
      const log = logOf(clock);
      const all = Array.from({ length: 10 }, newMessage);
      const calls = new Map<string, number>();
      const deliver = async (message: ReturnType<typeof newMessage>): Promise<void> => {
        const consuming = log.consume(message, async (manager) => {
          await insertBusiness(manager, message.msgKey);
          const call = (calls.get(message.msgKey) ?? 0) + 1;
          calls.set(message.msgKey, call);
          if (call === 1) throw new Error('the first always fails');
        });
        await consuming.catch(() => undefined);
      };
      for (let round = 0; round < 3; round++) await Promise.all([...all, ...all, ...all].map(deliver));
      for (const { msgKey } of all)
        expect(await countBusiness(database().dataSource.manager, msgKey)).toBe(1);
    });

    it('many relays, while transactions write: everything is sent once, in the order of its key', async () => {
      const groupName = `relays-${++messages}`;
      const store = new TypeOrmOutboxStore(database().dataSource);
      const sent: OutboxRecord[] = [];
      const send = async (message: OutboxRecord): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        sent.push(message);
      };
      const settings = {
        groupName,
        interval: 1_000,
        batch: 7,
        concurrency: 4,
        lease: TIMEOUT,
        backoff: { first: 1, longest: 1 },
        maxAttempts: undefined,
      };
      const relays = [1, 2, 3].map(
        () => new OutboxRelay(store, { send }, settings, new ManualClock(), silentLogger),
      );
      const write = async (hashKey: string): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          const message = { groupName, msgTopic: 't', msgTag: '', msgKey: `${hashKey}-${i}`, hashKey };
          const body = { body: Buffer.from('x'), fields: {}, createTime: 1 };
          await database().dataSource.transaction((manager) =>
            store.add({ ...message, ...body }, OutboxStatus.PENDING, manager),
          );
        }
      };
      const writing = Promise.all(['a', 'b', 'c', ''].map(write));
      while (sent.length < 80) await Promise.all(relays.map((relay) => relay.flush().catch(() => 0)));
      await writing;
      expect(new Set(sent.map(({ id }) => id)).size).toBe(80);
      expect(sent).toHaveLength(80);
      for (const key of ['a', 'b', 'c']) {
        const ofKey = sent.filter(({ hashKey }) => hashKey === key).map(({ msgKey }) => msgKey);
        expect(ofKey).toEqual(Array.from({ length: 20 }, (_, i) => `${key}-${i}`));
      }
    });
  });
}
