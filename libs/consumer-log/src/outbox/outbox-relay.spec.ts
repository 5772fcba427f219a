import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, RocketMQError, silentLogger } from '@nest-rocketmq/runtime';
import { DefaultMessageConverter } from 'nest-rocketmq';
import { pglite, type TestDatabase } from '../../spec-support/databases.ts';
import { CommitWatch } from '../typeorm/commit-watch.ts';
import { TypeOrmOutboxStore } from '../typeorm/typeorm-outbox-store.ts';
import { OutboxRelay, type RelaySettings } from './outbox-relay.ts';
import { OutboxRepository } from './outbox-repository.ts';
import type { OutboxRecord } from './outbox-store.ts';
import { Outbox } from './outbox.ts';

let database: TestDatabase;
let names = 0;

beforeAll(async () => {
  database = await pglite.start();
}, 60_000);
afterAll(() => database.close());

/** An outbox with a group of its own, and a broker of which the test says what it does. */
class Scene {
  readonly clock = new ManualClock();
  readonly group = `group-${++names}`;
  readonly sent: string[] = [];
  broker: (message: OutboxRecord) => void | Promise<void> = () => {};
  readonly store = new TypeOrmOutboxStore(database.dataSource);
  readonly repository = new OutboxRepository(this.store, this.group, this.clock);
  readonly outbox: Outbox;
  onWritten: () => void = () => {};

  constructor() {
    this.outbox = new Outbox(this.store, {
      groupName: this.group,
      converter: new DefaultMessageConverter(),
      clock: this.clock,
      written: () => this.onWritten(),
    });
  }

  relay(settings: Partial<RelaySettings> = {}): OutboxRelay {
    const transport = {
      send: async (message: OutboxRecord): Promise<void> => {
        await this.broker(message);
        this.sent.push(message.msgKey);
      },
    };
    return new OutboxRelay(
      this.store,
      transport,
      {
        groupName: this.group,
        interval: 1_000,
        batch: 10,
        concurrency: 4,
        lease: 60_000,
        backoff: { first: 1_000, longest: 5_000 },
        maxAttempts: undefined,
        ...settings,
      },
      this.clock,
      silentLogger,
    );
  }

  async write(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const hashKey = key.includes('/') ? { hashKey: key.slice(0, key.indexOf('/')) } : {};
      await this.outbox.send(
        database.dataSource.manager,
        'order:created',
        { key },
        { keys: key, ...hashKey },
      );
    }
  }
}

/** A broker that fails so many times, then works. */
function failing(times: number, error: unknown = new Error('no broker')): () => void {
  return () => {
    if (times-- > 0) throw error;
  };
}

describe('a relay', () => {
  it('sends everything, once, in the order of writing', async () => {
    const scene = new Scene();
    const keys = Array.from({ length: 25 }, (_, i) => String(i));
    await scene.write(...keys);
    expect(await scene.relay({ concurrency: 1 }).flush()).toBe(25);
    expect(scene.sent).toEqual(keys);
    expect(await scene.relay().flush()).toBe(0);
    expect(await scene.repository.backlog()).toEqual({ count: 0, age: 0 });
  });

  it('tries again what the broker did not take, later each time', async () => {
    const scene = new Scene();
    await scene.write('a');
    scene.broker = failing(5);
    const relay = scene.relay();
    for (const wait of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      expect(await relay.flush()).toBe(0);
      scene.clock.advance(wait - 1);
      expect(await relay.flush()).toBe(0);
      scene.clock.advance(1);
    }
    expect(await scene.repository.pending()).toMatchObject([{ sendTimes: 5, remark: 'no broker' }]);
    expect(await scene.repository.backlog()).toEqual({ count: 1, age: 17_000 });
    expect(await relay.flush()).toBe(1);
  });

  it('keeps the order of a hash key when one of it fails, and goes on with the others', async () => {
    const scene = new Scene();
    await scene.write('a/1', 'b/1', 'a/2', 'c', 'b/2', 'a/3');
    let down = true;
    scene.broker = ({ hashKey }) => {
      if (hashKey === 'a' && down) throw new Error('queue is full');
    };
    const relay = scene.relay({ concurrency: 1 });
    expect(await relay.flush()).toBe(3);
    expect(scene.sent).toEqual(['b/1', 'b/2', 'c']);
    down = false;
    scene.clock.advance(1_000);
    expect(await relay.flush()).toBe(3);
    expect(scene.sent.slice(3)).toEqual(['a/1', 'a/2', 'a/3']);
  });

  it('keeps the order of a hash key among several relays', async () => {
    const scene = new Scene();
    const keys = Array.from({ length: 12 }, (_, i) => `a/${i}`);
    await scene.write(...keys);
    scene.broker = () => new Promise((resolve) => setImmediate(resolve));
    const relays = [1, 2, 3].map((batch) => scene.relay({ batch }));
    while (scene.sent.length < 12) await Promise.all(relays.map((relay) => relay.flush()));
    expect(scene.sent).toEqual(keys);
  });

  it('gives up what no broker would ever take, and goes on behind it', async () => {
    const scene = new Scene();
    await scene.write('a/1', 'a/2');
    scene.broker = failing(1, new RocketMQError('INVALID_ARGUMENT', 'The body is too large'));
    expect(await scene.relay().flush()).toBe(1 + 1);
    expect(scene.sent).toEqual(['a/2']);
    const [failed] = await scene.repository.failed();
    expect(failed).toMatchObject({ msgKey: 'a/1', sendTimes: 1, remark: 'The body is too large' });
    expect(await scene.repository.retry(failed?.id ?? '')).toBe(true);
    expect(await scene.relay().flush()).toBe(1);
    expect(scene.sent).toEqual(['a/2', 'a/1']);
  });

  it('gives up after as many failures as it is told', async () => {
    const scene = new Scene();
    await scene.write('a');
    scene.broker = failing(9);
    const relay = scene.relay({ maxAttempts: 2 });
    await relay.flush();
    scene.clock.advance(1_000);
    await relay.flush();
    expect(await scene.repository.failed()).toMatchObject([{ sendTimes: 2 }]);
  });

  it('sends again what another one had leased when it died, after its lease', async () => {
    const scene = new Scene();
    await scene.write('a');
    const now = scene.clock.now();
    expect(await scene.store.claim(scene.group, { owner: 'dead', now, until: now + 60_000 }, 9)).toHaveLength(
      1,
    );
    scene.clock.advance(59_999);
    expect(await scene.relay().flush()).toBe(0);
    scene.clock.advance(1);
    expect(await scene.relay().flush()).toBe(1);
  });

  it('begins to send nothing late in its lease, but gives it back', async () => {
    const scene = new Scene();
    await scene.write('a', 'b', 'c');
    scene.broker = ({ msgKey }) => {
      if (msgKey === 'a') scene.clock.advance(31_000);
    };
    expect(await scene.relay({ concurrency: 1 }).flush()).toBe(1);
    expect(await scene.relay().flush()).toBe(2);
    expect(scene.sent).toEqual(['a', 'b', 'c']);
  });

  it('looks again when its interval is over, and when it is woken by a commit', async () => {
    const scene = new Scene();
    const relay = scene.relay();
    const watch = new CommitWatch(database.dataSource, () => relay.wake());
    relay.start();
    await idle(scene.clock);
    await scene.write('a');
    expect(scene.sent).toEqual([]);
    scene.clock.advance(1_000);
    await idle(scene.clock);
    expect(scene.sent).toEqual(['a']);
    const { manager } = database.dataSource;
    await manager.transaction(async (outer) => {
      await outer.transaction((inner) =>
        scene.outbox.send(inner, 'order', { b: 1 }, { keys: 'b' }).then(() => watch.watch(inner)),
      );
      expect(scene.sent).toEqual(['a']);
    });
    await idle(scene.clock);
    expect(scene.sent).toEqual(['a', 'b']);
    await scene.write('c');
    watch.watch(manager);
    await idle(scene.clock);
    expect(scene.sent).toEqual(['a', 'b', 'c']);
    watch.close();
    await relay.stop();
    expect(scene.clock.pending).toBe(0);
    expect(database.dataSource.subscribers).not.toContain(watch);
  });

  it('survives a database that is away', async () => {
    const scene = new Scene();
    await scene.write('a');
    let away = true;
    const claim = scene.store.claim.bind(scene.store);
    scene.store.claim = (...args) => (away ? Promise.reject(new Error('connection lost')) : claim(...args));
    const relay = scene.relay();
    await expect(relay.flush()).rejects.toThrow('connection lost');
    relay.start();
    await idle(scene.clock);
    away = false;
    scene.clock.advance(1_000);
    await idle(scene.clock);
    expect(scene.sent).toEqual(['a']);
    await relay.stop();
  });

  it('stops when what it sends was sent, and gives the rest back', async () => {
    const scene = new Scene();
    await scene.write('a', 'b', 'c');
    let release: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      scene.broker = () =>
        new Promise((sent) => {
          release = sent;
          resolve();
        });
    });
    const relay = scene.relay({ concurrency: 1 });
    relay.start();
    await begun;
    const stopped = relay.stop();
    release();
    await stopped;
    expect(scene.sent).toEqual(['a']);
    scene.broker = () => {};
    expect(await scene.relay().flush()).toBe(2);
  });

  it('leaves what was sent to be deleted when it is old', async () => {
    const scene = new Scene();
    await scene.write('a');
    await scene.relay().flush();
    expect(await scene.repository.purge(1_000)).toBe(0);
    scene.clock.advance(1_001);
    expect(await scene.repository.purge(1_000)).toBeGreaterThanOrEqual(1);
  });
});

/** Waits until a relay that was woken waits for its interval again. */
async function idle(clock: ManualClock): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
}
