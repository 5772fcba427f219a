import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import type { EntityManager } from 'typeorm';
import { pglite, type TestDatabase } from '../../spec-support/databases.ts';
import { countBusiness, insertBusiness } from '../../spec-support/store-suite.ts';
import { TypeOrmConsumerLogStore } from '../typeorm/typeorm-consumer-log-store.ts';
import { ConsumerLog, type ConsumedMessage } from './consumer-log.ts';
import { ConsumerLogRepository } from './consumer-log-repository.ts';
import { ConsumerStatus } from './consumer-log-store.ts';

const TIMEOUT = 60_000;
let database: TestDatabase;
let names = 0;

beforeAll(async () => {
  database = await pglite.start();
}, 60_000);
afterAll(() => database.close());

/** A log, a message of its own, and a gate where its handler can be held. */
class Scene {
  readonly clock = new ManualClock();
  readonly store = new TypeOrmConsumerLogStore(database.dataSource);
  readonly log = new ConsumerLog(
    this.store,
    { maxFailures: 3, processingTimeout: TIMEOUT },
    this.clock,
    silentLogger,
  );
  readonly repository = new ConsumerLogRepository(this.store, this.clock);
  readonly message: ConsumedMessage = {
    groupName: 'stock-service',
    msgTag: 'cancelled',
    msgKey: `order-${++names}`,
    msgId: 'AC11',
    msgBody: '{"id":1}',
  };

  /** A handler that changes the business, once. */
  readonly work = async (manager: EntityManager): Promise<string> => {
    await insertBusiness(manager, this.message.msgKey);
    return 'given back';
  };

  readonly failing = async (manager: EntityManager): Promise<never> => {
    await insertBusiness(manager, this.message.msgKey);
    throw new Error('stock row is gone');
  };

  consume(handler: (manager: EntityManager) => Promise<unknown> = this.work) {
    return this.log.consume(this.message, handler);
  }

  done(): Promise<number> {
    return countBusiness(database.dataSource.manager, this.message.msgKey);
  }

  /** What a process leaves behind that is killed while it handles the message. */
  async dieProcessing(): Promise<void> {
    const row = {
      consumerStatus: ConsumerStatus.PROCESSING,
      consumerTimes: 0,
      consumerTimestamp: this.clock.now(),
    };
    await this.store.insert({ ...this.message, ...row, remark: '' });
  }
}

describe('consuming once', () => {
  it('commits what the handler changed together with the note that the message is done', async () => {
    const scene = new Scene();
    expect(await scene.consume()).toEqual({ outcome: 'consumed', result: 'given back' });
    expect(await scene.done()).toBe(1);
    expect(await scene.repository.find(scene.message)).toEqual({
      ...scene.message,
      consumerStatus: ConsumerStatus.DONE,
      consumerTimes: 0,
      consumerTimestamp: scene.clock.now(),
      remark: '',
    });
  });

  it('changes nothing when the message comes again', async () => {
    const scene = new Scene();
    await scene.consume();
    expect(await scene.consume()).toEqual({ outcome: 'duplicate' });
    expect(await scene.done()).toBe(1);
  });

  it('consumes it once for each group, tag and key', async () => {
    const scene = new Scene();
    for (const other of [
      {},
      { groupName: 'coupon-service' },
      { msgTag: 'paid' },
      { msgKey: `${scene.message.msgKey}x` },
    ]) {
      const consumption = await scene.log.consume({ ...scene.message, ...other }, scene.work);
      expect(consumption.outcome).toBe('consumed');
    }
  });

  it('runs one handler of many deliveries at the same time', async () => {
    const scene = new Scene();
    const consumptions = await Promise.all(Array.from({ length: 8 }, () => scene.consume()));
    const outcomes = consumptions.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'consumed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'given-up')).toEqual([]);
    expect(await scene.done()).toBe(1);
  });

  it('has a delivery come back while another one is in process', async () => {
    const scene = new Scene();
    await scene.dieProcessing();
    scene.clock.advance(20_000);
    expect(await scene.consume()).toEqual({ outcome: 'busy', retryAfter: 40_000 });
    expect(await scene.done()).toBe(0);
  });

  it('takes over from an owner that died, counting that as a failure', async () => {
    const scene = new Scene();
    await scene.dieProcessing();
    scene.clock.advance(TIMEOUT);
    expect(await scene.consume()).toMatchObject({ outcome: 'consumed' });
    expect(await scene.done()).toBe(1);
    expect(await scene.repository.find(scene.message)).toMatchObject({
      consumerStatus: ConsumerStatus.DONE,
      consumerTimes: 1,
    });
  });

  it('rolls back an owner that was believed dead', async () => {
    const scene = new Scene();
    const overtaken = await scene.consume(async (manager) => {
      await scene.work(manager);
      const { PROCESSING } = ConsumerStatus;
      const state = { consumerStatus: PROCESSING, consumerTimes: 0, consumerTimestamp: scene.clock.now() };
      scene.clock.advance(TIMEOUT);
      const heirs = { consumerStatus: PROCESSING, consumerTimes: 1, consumerTimestamp: scene.clock.now() };
      // In the same transaction, because this database has no two at the same time.
      expect(await scene.store.compareAndSet(scene.message, state, heirs, undefined, manager)).toBe(true);
    });
    expect(overtaken).toEqual({ outcome: 'busy', retryAfter: 1_000 });
    expect(await scene.done()).toBe(0);
  });

  it('takes over once, however many try', async () => {
    const scene = new Scene();
    await scene.dieProcessing();
    scene.clock.advance(TIMEOUT);
    const outcomes = (await Promise.all(Array.from({ length: 6 }, () => scene.consume()))).map(
      ({ outcome }) => outcome,
    );
    expect(outcomes.filter((outcome) => outcome === 'consumed')).toHaveLength(1);
    expect(await scene.done()).toBe(1);
  });
});

describe('a message that fails', () => {
  it('has nothing of it committed, and says why', async () => {
    const scene = new Scene();
    await expect(scene.consume(scene.failing)).rejects.toThrow('stock row is gone');
    expect(await scene.done()).toBe(0);
    expect(await scene.repository.failed({ groupName: 'stock-service', limit: 1_000 })).toContainEqual({
      ...scene.message,
      consumerStatus: ConsumerStatus.FAILED,
      consumerTimes: 1,
      consumerTimestamp: scene.clock.now(),
      remark: 'stock row is gone',
    });
  });

  it('is done when a later attempt does it', async () => {
    const scene = new Scene();
    await expect(scene.consume(scene.failing)).rejects.toThrow('stock row is gone');
    expect(await scene.consume()).toMatchObject({ outcome: 'consumed' });
    expect(await scene.consume()).toEqual({ outcome: 'duplicate' });
    expect(await scene.done()).toBe(1);
  });

  it('is tried again by one of many deliveries', async () => {
    const scene = new Scene();
    await expect(scene.consume(scene.failing)).rejects.toThrow('stock row is gone');
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => scene.consume()));
    expect(outcomes.filter(({ outcome }) => outcome === 'consumed')).toHaveLength(1);
    expect(await scene.done()).toBe(1);
  });

  it('is given up after more failures than it may have, with the last error', async () => {
    const scene = new Scene();
    for (let failure = 1; failure <= 3; failure++)
      await expect(scene.consume(scene.failing)).rejects.toThrow('stock row is gone');
    const last = await scene.consume(scene.failing);
    expect(last).toMatchObject({ outcome: 'given-up', times: 4, remark: 'stock row is gone' });
    expect(last).toHaveProperty('cause.message', 'stock row is gone');
    expect(await scene.consume()).toEqual({ outcome: 'given-up', times: 4, remark: 'stock row is gone' });
    expect(await scene.done()).toBe(0);
  });

  it('is given up when its owners keep dying', async () => {
    const scene = new Scene();
    await scene.dieProcessing();
    for (let death = 1; death <= 3; death++) {
      scene.clock.advance(TIMEOUT);
      const found = await scene.repository.find(scene.message);
      const next = {
        consumerStatus: ConsumerStatus.PROCESSING,
        consumerTimes: death,
        consumerTimestamp: scene.clock.now(),
      };
      expect(found && (await scene.store.compareAndSet(found, found, next))).toBe(true);
    }
    scene.clock.advance(TIMEOUT);
    const remark = 'its consumer ended 4 times without a word';
    expect(await scene.consume()).toEqual({ outcome: 'given-up', times: 4, remark });
    expect(await scene.repository.find(scene.message)).toMatchObject({
      consumerStatus: ConsumerStatus.FAILED,
      remark,
    });
  });

  it('gets another chance from an operator', async () => {
    const scene = new Scene();
    for (let failure = 1; failure <= 4; failure++) await scene.consume(scene.failing).catch(() => undefined);
    expect(await scene.repository.retry(scene.message)).toBe(true);
    expect(await scene.consume()).toMatchObject({ outcome: 'consumed' });
    expect(await scene.repository.retry(scene.message)).toBe(false);
  });

  it('keeps the reason of what is no error, too', async () => {
    const scene = new Scene();
    const nothing = scene.consume(() => Promise.reject<never>(Object.create(null) as Error));
    await expect(nothing).rejects.toBeDefined();
    expect(await scene.repository.find(scene.message)).toMatchObject({ remark: 'unknown', consumerTimes: 1 });
  });

  it('is taken over when not even its failure could be noted', async () => {
    const scene = new Scene();
    let away = false;
    const store = new Proxy(scene.store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name === 'compareAndSet' && away) return () => Promise.reject(new Error('connection lost'));
        return value.bind(target) as unknown;
      },
    });
    const log = new ConsumerLog(store, scene.log.settings, scene.clock, silentLogger);
    const lost = log.consume(scene.message, async (manager) => {
      away = true;
      return scene.failing(manager);
    });
    await expect(lost).rejects.toThrow('stock row is gone');
    expect(await scene.consume()).toMatchObject({ outcome: 'busy' });
    scene.clock.advance(TIMEOUT);
    expect(await scene.consume()).toMatchObject({ outcome: 'consumed' });
  });
});

describe('the rows', () => {
  it('that hang can be listed', async () => {
    const scene = new Scene();
    await scene.dieProcessing();
    scene.clock.advance(5_000);
    expect(await scene.repository.hanging(5_000, { limit: 1_000 })).not.toContainEqual(
      expect.objectContaining(scene.message),
    );
    scene.clock.advance(1);
    expect(await scene.repository.hanging(5_000, { limit: 1_000 })).toContainEqual(
      expect.objectContaining(scene.message),
    );
  });

  it('of consumed messages are purged when they are old, and the others kept', async () => {
    const [old, failed, recent] = [new Scene(), new Scene(), new Scene()];
    await old.consume();
    await failed.consume(failed.failing).catch(() => undefined);
    recent.clock.advance(10_000);
    await recent.consume();
    expect(await recent.repository.purge(5_000)).toBeGreaterThanOrEqual(1);
    expect(await old.repository.find(old.message)).toBeUndefined();
    expect(await failed.repository.find(failed.message)).toBeDefined();
    expect(await recent.repository.find(recent.message)).toBeDefined();
  });
});
