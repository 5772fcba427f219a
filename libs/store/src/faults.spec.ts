import { StoreFixture } from './testing/store-fixture.ts';
import type { FaultyCall } from './testing/memory-file-system.ts';

const FULL_TEXT = /the broker's disk is full \[CL:  ?\d\.\d\d CQ:  ?\d\.\d\d INDEX:  ?\d\.\d\d\]/;

describe('a failed write of the commit log', () => {
  it.each([
    ['an error', { code: 'EIO' }],
    ['a full disk', { code: 'ENOSPC' }],
    ['a short write', { bytes: 50 }],
  ])('ends the store: %s', async (_, fault) => {
    const fixture = await StoreFixture.open();
    const first = fixture.send('a', 0, 'before');
    fixture.progress.length = fixture.arrivals.length = 0;
    fixture.fs.fail('write', { ...fault, path: 'commitlog' });
    expect(fixture.send('a', 0, 'x'.repeat(200)).status).toBe('PUT_OK');
    expect(fixture.fatal).toHaveLength(1);
    expect(fixture.fatal[0]).toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('/store/commitlog/'),
    });
    fixture.fs.heal();
    const writes = fixture.fs.calls.write;
    expect(fixture.send('a', 0, 'after')).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
    fixture.clock.advance(120_000);
    await fixture.settle();
    expect(fixture.progress).toEqual([]);
    expect(fixture.arrivals).toEqual([]);
    expect(fixture.fatal).toHaveLength(1);
    expect(fixture.fs.calls.write).toBe(writes);
    expect(fixture.store.writeRefusal).toBe(fixture.fatal[0]?.message);
    expect(fixture.bodies('a', 0)).toEqual(['before']);
    await fixture.store.shutdown();
    expect(fixture.fs.status('/store/abort')).toBeDefined();
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['before']);
    expect(fixture.send('a', 0, 'again').physicalOffset).toBe(first.endOffset);
  });

  it('counts in the middle of a tick too', async () => {
    const fixture = await StoreFixture.open();
    fixture.fs.fail('write', { path: 'commitlog' });
    const results = Array.from({ length: 20 }, () => fixture.append('a', 0, 'x'.repeat(1000)).status);
    expect(results[0]).toBe('PUT_OK');
    expect(results.at(-1)).toBe('SERVICE_NOT_AVAILABLE');
    fixture.store.commit();
    expect(fixture.progress).toEqual([]);
    expect(fixture.fatal).toHaveLength(1);
  });
});

describe('a failed fdatasync', () => {
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    'is not repeated, and nothing counts as flushed (%s)',
    async (flushDiskType) => {
      const fixture = await StoreFixture.open({ flushDiskType });
      fixture.fs.fail('fdatasync', { path: 'commitlog' });
      fixture.send('a', 0, 'x');
      fixture.clock.advance(500);
      await fixture.settle();
      expect(fixture.fatal).toHaveLength(1);
      fixture.fs.heal();
      const calls = fixture.fs.calls.fdatasync;
      fixture.store.requestFlush();
      fixture.clock.advance(20_000);
      await fixture.settle();
      expect(fixture.fs.calls.fdatasync).toBe(calls);
      expect(fixture.store.flushedOffset).toBe(0);
      expect(fixture.progress.every(([, flushed]) => flushed === 0)).toBe(true);
      expect(fixture.store.getMaxOffset('a', 0)).toBe(flushDiskType === 'SYNC_FLUSH' ? 0 : 1);
      expect(fixture.append('a', 0, 'y').status).toBe('SERVICE_NOT_AVAILABLE');
    },
  );
});

describe('a failure at the k-th call', () => {
  const calls: FaultyCall[] = [
    'write',
    'fdatasync',
    'open',
    'truncate',
    'createSized',
    'rename',
    'makeDirectory',
    'remove',
  ];

  it.each(calls)('of %s never loses what was acknowledged', async (call) => {
    for (let k = 0; k <= 50; k++) {
      const fixture = await StoreFixture.open({ flushDiskType: k % 2 === 0 ? 'SYNC_FLUSH' : 'ASYNC_FLUSH' });
      fixture.fs.fail(call, { after: k });
      const sent: { body: string; end: number }[] = [];
      for (let i = 0; i < 50; i++) {
        const body = `${i}:${'x'.repeat(i * 20)}`;
        const result = fixture.send('a', 0, body, { UNIQ_KEY: `u${i}` });
        if (result.status === 'PUT_OK') sent.push({ body, end: result.endOffset });
        if (i % 5 === 0) fixture.clock.advance(1100);
        await fixture.settle();
      }
      const [written, flushed] = fixture.progress.at(-1) ?? [0, 0];
      const acknowledged = k % 2 === 0 ? flushed : written;
      if (k % 3 === 0) {
        await fixture.store.shutdown().catch(() => undefined);
        fixture.fs.kill();
      } else if (k % 2 === 0) {
        fixture.fs.powerLoss();
      }
      await fixture.restart();
      const bodies = fixture.bodies('a', 0);
      const expected = sent.filter((message) => message.end <= acknowledged).map((message) => message.body);
      expect(bodies.slice(0, expected.length)).toEqual(expected);
      expect(sent.map((message) => message.body).slice(0, bodies.length)).toEqual(bodies);
    }
  });
});

describe('a full disk', () => {
  const gone = { total: 1000_000, free: 100_000, available: 100_000 };

  it('refuses messages before a write can fail, serves what is there, and takes messages again', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'one');
    fixture.fs.disk = { ...gone };
    fixture.clock.advance(60_000);
    expect(fixture.send('a', 0, 'two').status).toBe('SERVICE_NOT_AVAILABLE');
    expect(fixture.store.writeRefusal).toMatch(FULL_TEXT);
    expect(fixture.store.writeable).toBe(false);
    expect(fixture.bodies('a', 0)).toEqual(['one']);
    fixture.fs.disk = { ...gone, free: 500_000, available: 500_000 };
    fixture.clock.advance(100);
    expect(fixture.send('a', 0, 'two').status).toBe('PUT_OK');
    expect(fixture.store.writeable).toBe(true);
    expect(fixture.fatal).toEqual([]);
    expect(fixture.bodies('a', 0)).toEqual(['one', 'two']);
  });

  it('is seen message by message on a small disk', async () => {
    const fixture = StoreFixture.create();
    const total = 1024 * 1024;
    const used = (): number =>
      [...fixture.fs.files.values()].reduce((sum, file) => sum + blocks(file.bytes), 0);
    Object.defineProperty(fixture.fs, 'disk', {
      get: () => ({ total, free: total - used(), available: total - used() }),
    });
    await fixture.load();
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      if (fixture.send('a', i % 8, 'x'.repeat(1000), { UNIQ_KEY: `u${i}` }).status !== 'PUT_OK') refused++;
      if (i % 50 === 0) fixture.clock.advance(200);
    }
    expect(refused).toBeGreaterThan(1000);
    expect(fixture.fatal).toEqual([]);
    fixture.clock.advance(60_000);
    await fixture.settle();
    expect(used()).toBeLessThan(total * 0.95);
    expect(used()).toBeGreaterThan(total * 0.5);
    await fixture.store.shutdown();
    expect(used()).toBeLessThan(total * 0.95);
  });

  it('that has no room for the next file refuses the message, and nothing else', async () => {
    const fixture = await StoreFixture.open();
    fixture.fs.fail('createSized', { code: 'ENOSPC' });
    fixture.send('a', 0, 'x'.repeat(7000));
    await fixture.settle();
    fixture.fs.fail('truncate', { code: 'ENOSPC', path: 'commitlog' });
    expect(fixture.send('a', 0, 'y'.repeat(2000)).status).toBe('SERVICE_NOT_AVAILABLE');
    expect(fixture.send('a', 0, 'small').status).toBe('PUT_OK');
    fixture.fs.heal();
    fixture.fs.fail('open', { code: 'EMFILE', path: 'commitlog' });
    expect(fixture.send('a', 0, 'y'.repeat(2000)).status).toBe('CREATE_MAPPED_FILE_FAILED');
    fixture.fs.heal();
    expect(fixture.send('a', 0, 'z'.repeat(2000)).status).toBe('PUT_OK');
    expect(fixture.fatal).toEqual([]);
    expect(fixture.pull('a', 0).map((record) => record.body.length)).toEqual([7000, 5, 2000]);
  });

  it('that takes neither the next file nor its removal ends nothing', async () => {
    const fixture = await StoreFixture.open();
    fixture.fs.hold();
    fixture.send('a', 0, 'x'.repeat(7000));
    fixture.fs.fail('createSized', { code: 'ENOSPC' });
    fixture.fs.fail('remove', { code: 'EIO' });
    expect(() => fixture.fs.release()).not.toThrow();
    fixture.fs.heal();
    expect(fixture.send('a', 0, 'y'.repeat(2000)).status).toBe('PUT_OK');
    expect(fixture.fatal).toEqual([]);
  });

  it('that has no room for an index has the keys found once there is some, and after a stop', async () => {
    const fixture = await StoreFixture.open();
    fixture.fs.fail('makeDirectory', { code: 'ENOSPC', path: '/index' });
    expect(fixture.send('a', 0, 'x', { UNIQ_KEY: 'u', KEYS: 'k1 k2' }).status).toBe('PUT_OK');
    expect(fixture.send('a', 0, 'y', { UNIQ_KEY: 'v' }).status).toBe('SERVICE_NOT_AVAILABLE');
    fixture.clock.advance(61_000);
    await fixture.settle();
    // There is still none.
    expect(fixture.store.writeable).toBe(false);
    fixture.fs.heal();
    fixture.clock.advance(61_000);
    await fixture.settle();
    expect(fixture.send('a', 0, 'y', { UNIQ_KEY: 'v' }).status).toBe('PUT_OK');
    const check = (): void => {
      for (const key of ['u', 'k1', 'k2', 'v'])
        expect(fixture.store.queryByKey('a', key, 10, 0, Infinity).records).toHaveLength(1);
    };
    check();
    await fixture.restartCleanly();
    expect(fixture.report?.clean).toBe(true);
    check();
  });

  it.each(['consumequeue', 'index'])(
    'under %s refuses messages until there is room again, losing nothing',
    async (path) => {
      const fixture = await StoreFixture.open({ maxIndexNum: 10_000 });
      for (let i = 0; i < 10; i++) fixture.send('a', 0, `m${i}`, { UNIQ_KEY: `u${i}` });
      fixture.fs.fail('write', { code: 'ENOSPC', path });
      fixture.clock.advance(61_000);
      await fixture.settle();
      expect(fixture.append('a', 0, 'refused').status).toBe('SERVICE_NOT_AVAILABLE');
      expect(fixture.store.writeRefusal).toMatch(/cannot write (consume queues|index) under \/store: ENOSPC/);
      expect(fixture.bodies('a', 0)).toHaveLength(10);
      fixture.fs.heal();
      fixture.clock.advance(61_000);
      await fixture.settle();
      expect(fixture.send('a', 0, 'm10').status).toBe('PUT_OK');
      expect(fixture.fatal).toEqual([]);
      await fixture.restartCleanly();
      expect(fixture.bodies('a', 0)).toEqual(Array.from({ length: 11 }, (_, i) => `m${i}`));
      expect(fixture.store.queryByKey('a', 'u3', 10, 0, Infinity).records).toHaveLength(1);
    },
  );
});

/** What a sparse file takes: its blocks that are not all zeros. */
function blocks(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4096)
    if (bytes.subarray(at, at + 4096).some((byte) => byte !== 0)) sum += 4096;
  return sum;
}
