import { StoreFixture } from '../testing/store-fixture.ts';

const HOUR = 3_600_000;
const FILE = 8192;

/** A store of `files` full commit log files and one begun; at noon, so that deleteWhen does not interfere. */
async function filled(files: number, config = {}): Promise<StoreFixture> {
  const fixture = StoreFixture.create(config);
  const now = new Date(fixture.clock.now());
  fixture.clock.advance((36 - now.getHours()) * HOUR);
  await fixture.load();
  for (let i = 0; i <= files; i++) {
    fixture.send('old', i === 0 ? 1 : 0, 'x'.repeat(7500), { KEYS: `k${i}` });
    await fixture.settle();
  }
  fixture.clock.advance(2000);
  await fixture.settle();
  return fixture;
}

const logFiles = (fixture: StoreFixture): number => fixture.fs.list('/store/commitlog').length;
const disk = (percent: number): { total: number; free: number; available: number } => {
  const left = 1e9 * (1 - percent / 100);
  return { total: 1e9, free: left, available: left };
};

describe('LogCleaner', () => {
  it('deletes expired files in the hour of deleteWhen only, the last one never', async () => {
    const fixture = await filled(5);
    const before = logFiles(fixture);
    expect(before).toBeGreaterThanOrEqual(6);
    // Noon, three days and an hour later; 03:58; 04:00.
    await fixture.restartCleanly(73 * HOUR);
    fixture.clock.advance(120_000);
    expect(fixture.store.minPhysicalOffset).toBe(0);
    await fixture.restartCleanly(14 * HOUR + 56 * 60_000 - (fixture.clock.now() % HOUR));
    fixture.clock.advance(120_000);
    expect(fixture.store.minPhysicalOffset).toBe(0);
    fixture.clock.advance(180_000);
    expect(fixture.store.minPhysicalOffset).toBe(5 * FILE);
    expect(fixture.bodies('old', 0)).toHaveLength(1);
  });

  it('keeps an expired file as long as there is no room for the queue entries of its messages', async () => {
    const fixture = await filled(0, { fileReservedTime: 0.1 });
    fixture.fs.fail('truncate', { code: 'ENOSPC', path: 'consumequeue' });
    fixture.send('late', 0, 'x', { KEYS: 'k' });
    fixture.send('late', 1, 'y'.repeat(1000));
    await fixture.settle();
    fixture.clock.advance(HOUR);
    await fixture.settle();
    fixture.store.deleteExpiredFiles();
    fixture.clock.advance(20_000);
    expect(fixture.store.minPhysicalOffset).toBe(0);
    fixture.fs.heal();
    fixture.clock.advance(70_000);
    await fixture.settle();
    fixture.store.deleteExpiredFiles();
    fixture.clock.advance(20_000);
    expect(fixture.store.minPhysicalOffset).toBe(FILE);
    await fixture.restart();
    expect(fixture.send('late', 0, 'next').queueOffset).toBe(1);
  });

  it('keeps files that are not expired', async () => {
    const fixture = await filled(5);
    await fixture.restartCleanly(16 * HOUR);
    fixture.clock.advance(0.8 * HOUR);
    expect(fixture.store.minPhysicalOffset).toBe(0);
  });

  it.each(['the disk is over 75 %', 'asked to'])(
    'deletes expired files at any hour when %s',
    async (trigger) => {
      const fixture = await filled(3);
      await fixture.restartCleanly(73 * HOUR);
      fixture.clock.advance(120_000);
      expect(fixture.store.minPhysicalOffset).toBe(0);
      if (trigger === 'asked to') fixture.store.deleteExpiredFiles();
      else fixture.fs.disk = disk(76);
      fixture.clock.advance(20_000);
      expect(fixture.store.minPhysicalOffset).toBe(3 * FILE);
    },
  );

  it('deletes ten files a round whatever their age when the disk is over 85 %', async () => {
    const fixture = await filled(25, { cleanResourceInterval: 30_000 });
    fixture.fs.disk = disk(86);
    fixture.clock.advance(60_000 - 2000);
    expect(fixture.store.minPhysicalOffset).toBe(FILE);
    fixture.clock.advance(2000);
    expect(fixture.store.minPhysicalOffset).toBe(10 * FILE);
    expect(fixture.store.writeable).toBe(true);
    fixture.clock.advance(30_000);
    expect(fixture.store.minPhysicalOffset).toBe(20 * FILE);
    fixture.clock.advance(30_000);
    expect(fixture.store.minPhysicalOffset).toBe(25 * FILE);
    fixture.clock.advance(60_000);
    expect(fixture.store.minPhysicalOffset).toBe(25 * FILE);
  });

  it('case 9: refuses messages over 90 %, serves pulls, deletes, and takes messages again', async () => {
    const fixture = await filled(12);
    fixture.fs.disk = disk(91);
    fixture.clock.advance(58_500);
    expect(fixture.append('old', 0, 'y').status).toBe('SERVICE_NOT_AVAILABLE');
    expect(fixture.store.writeRefusal).toContain('CL:  0.91');
    fixture.clock.advance(2000);
    expect(fixture.store.minPhysicalOffset).toBe(10 * FILE);
    expect(fixture.pull('old', 0).map((record) => record.queueOffset)).toEqual([9, 10, 11]);
    fixture.fs.disk = disk(60);
    fixture.clock.advance(10_000);
    expect(fixture.send('old', 0, 'y').status).toBe('PUT_OK');
  });

  it('case 5: moves the beginnings of the queues; an empty one goes on where it was, also after a restart', async () => {
    const fixture = await filled(12);
    fixture.fs.disk = disk(86);
    fixture.clock.advance(61_000);
    const bounds = (queueId: number): number[] => [
      fixture.store.getMinOffset('old', queueId),
      fixture.store.getMaxOffset('old', queueId),
    ];
    expect([bounds(0), bounds(1)]).toEqual([
      [9, 12],
      [1, 1],
    ]);
    fixture.fs.disk = disk(10);
    await fixture.restartCleanly();
    expect([bounds(0), bounds(1)]).toEqual([
      [9, 12],
      [1, 1],
    ]);
    await fixture.restart();
    expect([bounds(0), bounds(1)]).toEqual([
      [9, 12],
      [1, 1],
    ]);
    expect(fixture.send('old', 1, 'next').queueOffset).toBe(1);
    expect(fixture.bodies('old', 1)).toEqual(['next']);
    expect(fixture.store.select({ topic: 'old', queueId: 0, offset: 3, maxNums: 1 })).toMatchObject({
      status: 'OFFSET_TOO_SMALL',
      nextBeginOffset: 9,
    });
  });

  it('removes consume queue and index files of which nothing is left', async () => {
    const fixture = await StoreFixture.open({ maxIndexNum: 30 });
    for (let i = 0; i < 400; i++) {
      fixture.send('a', 0, 'x'.repeat(200), { KEYS: `k${i}` });
      if (i % 20 === 0) await fixture.settle();
    }
    fixture.clock.advance(2000);
    await fixture.settle();
    const count = (directory: string): number => fixture.fs.list(directory).length;
    expect([count('/store/consumequeue/a/0'), count('/store/index')]).toEqual([20, 14]);
    fixture.fs.disk = disk(86);
    fixture.clock.advance(120_000);
    await fixture.settle();
    const min = fixture.store.getMinOffset('a', 0);
    expect(min).toBeGreaterThan(350);
    expect(count('/store/consumequeue/a/0')).toBe(20 - Math.floor(min / 20));
    expect(count('/store/index')).toBeLessThanOrEqual(2);
    expect(fixture.bodies('a', 0)).toHaveLength(400 - min);
    await fixture.store.shutdown();
    expect(fixture.fs.openCount).toBe(0);
  });
});
