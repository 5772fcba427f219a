import { MemoryFileSystem } from '../testing/memory-file-system.ts';
import { TimerStore, type TimerStoreConfig } from './timer-store.ts';
import { TimerMagic, TimerUnit } from './timer-unit.ts';

const NOW = Date.UTC(2026, 0, 1) + 500;
const SLOT = NOW - 500;
const RECORD = 200;

const CONFIG: TimerStoreConfig = {
  storePathRootDir: '/store',
  mappedFileSizeTimerLog: 10 * 52 + 16,
  timerPrecisionMs: 1000,
  timerRollWindowSlot: 100,
};

describe('the timer store', () => {
  let fs: MemoryFileSystem;
  let store: TimerStore;
  /** How many messages the commit log holds, each {@link RECORD} bytes, all of them timers. */
  let messages: number;

  beforeEach(() => {
    fs = new MemoryFileSystem();
    messages = 0;
    load();
  });

  function load(now = NOW): ReturnType<TimerStore['load']> {
    store = new TimerStore(CONFIG, fs);
    return store.load(now, {
      begin: 0,
      end: messages * RECORD,
      queueOffset: (physicalOffset) =>
        physicalOffset < messages * RECORD ? physicalOffset / RECORD : undefined,
    });
  }

  function add(outTime: number, now = NOW): TimerUnit {
    const unit = new TimerUnit();
    unit.magic = TimerMagic.DEFAULT;
    unit.physicalOffset = messages++ * RECORD;
    unit.size = RECORD;
    unit.dueAt = outTime + 700;
    store.add(unit, outTime, now);
    store.queueOffset++;
    return unit;
  }

  /** The messages of a slot, in the order they came. */
  function slot(time: number): number[] {
    const found: number[] = [];
    store.forEachOf(time, (unit) => {
      if ((unit.magic & TimerMagic.DELETE) === 0) found.unshift(unit.physicalOffset / RECORD);
    });
    return found;
  }

  it('keeps nothing on the disk before the first timer', async () => {
    await store.flush(SLOT, NOW);
    await store.close(NOW);
    expect(fs.files.size).toBe(0);
  });

  it('chains the messages of a slot', () => {
    for (const seconds of [3, 4, 3, 3]) add(SLOT + seconds * 1000);
    store.write();
    expect(slot(SLOT + 3000)).toEqual([0, 2, 3]);
    expect(slot(SLOT + 4000)).toEqual([1]);
    expect(slot(SLOT + 5000)).toEqual([]);
    expect([store.num(SLOT + 3000), store.num(SLOT + 4000), store.allNum()]).toEqual([3, 1, 4]);
    expect(store.lastSlotTime).toBe(SLOT + 4000);
  });

  it('puts what is late into the present slot', () => {
    store.moveReadTime(SLOT);
    add(SLOT - 60_000);
    store.write();
    expect(slot(SLOT)).toEqual([0]);
  });

  it.each([
    [99, 99, false],
    // A short rest is not worth a stretch of its own.
    [100, 50, true],
    [132, 50, true],
    [133, 100, true],
    [500, 100, true],
  ])('of a message %d slots away, it waits %d first', (distance, first, rolled) => {
    const unit = add(SLOT + distance * 1000);
    expect((unit.slotTime - SLOT) / 1000).toBe(first);
    expect((unit.magic & TimerMagic.ROLL) !== 0).toBe(rolled);
    expect(unit.dueAt === 0).toBe(rolled);
  });

  it('has everything again after a stop, and begins with what is due first', async () => {
    for (let i = 0; i < 25; i++) add(SLOT + (i % 5) * 1000);
    await store.close(NOW);
    expect(load(NOW + 2000)).toMatchObject({ queueOffset: 25, rebuilt: false, lastSlotTime: SLOT + 4000 });
    expect(store.readTime).toBe(SLOT);
    expect(slot(SLOT + 1000)).toEqual([1, 6, 11, 16, 21]);
    expect(store.allNum()).toBe(25);
  });

  it('has everything again after kill -9, whether the wheel was written or not', async () => {
    for (let i = 0; i < 12; i++) add(SLOT + (i % 2) * 1000);
    store.write();
    await store.flush(SLOT, NOW);
    for (let i = 0; i < 12; i++) add(SLOT + (i % 2) * 1000);
    store.write();
    expect(load()).toMatchObject({ queueOffset: 24, rebuilt: false });
    expect(slot(SLOT)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
    expect(store.num(SLOT)).toBe(12);
    // Without a checkpoint, and without a wheel.
    fs.files.delete('/store/config/timercheck');
    fs.files.delete('/store/timerwheel');
    expect(load()).toMatchObject({ queueOffset: 24 });
    expect(slot(SLOT + 1000)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
  });

  it('takes messages up again whose entries were lost', async () => {
    for (let i = 0; i < 5; i++) add(SLOT + 1000);
    await store.flush(SLOT, NOW);
    add(SLOT + 1000);
    add(SLOT + 2000);
    // Never written: the process is gone.
    expect(load().queueOffset).toBe(5);
    expect(slot(SLOT + 1000)).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    ['nothing', 'none' as const],
    ['the half of each write', ({ length }: { length: number }) => Math.floor(length / 2)],
    [
      'the wheel alone',
      ({ path, length }: { path: string; length: number }) => (path.includes('wheel') ? length : 0),
    ],
    [
      'the log alone',
      ({ path, length }: { path: string; length: number }) => (path.includes('log') ? length : 0),
    ],
    ['everything', 'all' as const],
  ])(
    'has what was flushed after a power loss that left %s of the rest, and takes that up again',
    async (_, left) => {
      for (let i = 0; i < 7; i++) add(SLOT + (i % 2) * 1000);
      await store.flush(SLOT, NOW);
      for (let i = 7; i < 25; i++) add(SLOT + (i % 2) * 1000);
      store.write();
      // Log and wheel are written, and not flushed when the power goes.
      void store.flush(SLOT, NOW);
      fs.powerLoss(left);
      const { queueOffset } = load();
      expect(queueOffset).toBeGreaterThanOrEqual(7);
      const all = Array.from({ length: queueOffset }, (_each, i) => i);
      expect([...slot(SLOT), ...slot(SLOT + 1000)].toSorted((a, b) => a - b)).toEqual(all);
    },
  );

  it('forgets entries of messages that the commit log has lost, and takes the next ones up', async () => {
    for (let i = 0; i < 5; i++) add(SLOT + 1000);
    await store.flush(SLOT, NOW);
    for (let i = 0; i < 5; i++) add(SLOT + 1000);
    store.write();
    messages = 7;
    expect(load().queueOffset).toBe(7);
    expect(slot(SLOT + 1000)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    add(SLOT + 1000);
    store.write();
    expect(slot(SLOT + 1000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    load();
    expect(slot(SLOT + 1000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('builds a wheel anew that knows more than the log', async () => {
    for (let i = 0; i < 15; i++) add(SLOT + (i % 3) * 1000);
    await store.flush(SLOT, NOW);
    for (let i = 0; i < 3; i++) add(SLOT + i * 1000);
    await store.close(NOW);
    // As after a power loss that the wheel's pages survived and the log's did not.
    const log = fs.files.get(`/store/timerlog/${String(CONFIG.mappedFileSizeTimerLog).padStart(20, '0')}`);
    log?.bytes.fill(0, 4 * 52);
    expect(load()).toMatchObject({ rebuilt: true, queueOffset: 14 });
    expect([0, 1, 2].map((i) => slot(SLOT + i * 1000))).toEqual([
      [0, 3, 6, 9, 12],
      [1, 4, 7, 10, 13],
      [2, 5, 8, 11],
    ]);
  });

  it('does not bring back what was delivered of a slot before a stop', async () => {
    for (let i = 0; i < 6; i++) add(SLOT);
    add(SLOT + 9000);
    store.write();
    const left: TimerUnit[] = [];
    store.forEachOf(SLOT, (unit) => {
      if (unit.physicalOffset >= 4 * RECORD) left.unshift(Object.assign(new TimerUnit(), unit));
    });
    store.replaceSlot(SLOT, left);
    await store.close(NOW);
    expect(load(NOW + 100)).toMatchObject({ queueOffset: 7 });
    expect(slot(SLOT)).toEqual([4, 5]);
    expect(store.num(SLOT)).toBe(2);
    // Nor when the checkpoint is lost.
    fs.files.delete('/store/config/timercheck');
    fs.files.delete('/store/timerwheel');
    expect(load(NOW + 100)).toMatchObject({ queueOffset: 7 });
    expect(slot(SLOT)).toEqual([4, 5]);
  });

  it('writes the checkpoint last, as RocketMQ reads it', async () => {
    add(SLOT + 1000);
    await store.flush(SLOT - 1000, NOW);
    const bytes = fs.files.get('/store/config/timercheck')?.bytes ?? Buffer.alloc(0);
    expect(bytes.length).toBe(4096);
    const numbers = Array.from({ length: 7 }, (_, i) => Number(bytes.readBigInt64BE(i * 8)));
    expect(numbers).toEqual([SLOT - 1000, 52, 1, 1, 0, NOW, 1]);
    expect(store.checkpoint.encode()).toEqual(bytes.subarray(0, 56));
  });

  it('notes delivered slots where they survive kill -9', async () => {
    add(SLOT + 1000);
    store.write();
    store.saveReadTime(SLOT + 3000, NOW);
    expect(load(NOW + 9000).queueOffset).toBe(1);
    expect(store.readTime).toBe(SLOT + 9000);
  });

  it('leaves the checkpoint as it was when log or wheel could not be flushed', async () => {
    add(SLOT + 1000);
    fs.fail('fdatasync', { path: 'timerlog' });
    await expect(store.flush(SLOT, NOW)).rejects.toThrow('EIO');
    expect(fs.files.has('/store/config/timercheck')).toBe(false);
    fs.heal();
    await store.flush(SLOT, NOW);
    expect(fs.files.has('/store/config/timercheck')).toBe(true);
  });

  it('does not follow a chain that leads forward', () => {
    add(SLOT);
    add(SLOT);
    store.write();
    const log = fs.files.get('/store/timerlog/00000000000000000000');
    // The previous entry of the first one: the second.
    log?.bytes.writeBigInt64BE(52n, 4);
    expect(slot(SLOT)).toEqual([0, 1]);
  });
});
