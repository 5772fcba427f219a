import { MemoryFileSystem } from '../testing/memory-file-system.ts';
import { TimerWheel } from './timer-wheel.ts';

const SLOTS_TOTAL = 200;
const SECOND = 1000;
const NOW = 1_767_225_600_000;

describe('the timer wheel', () => {
  let fs: MemoryFileSystem;
  let wheel: TimerWheel;

  beforeEach(() => {
    fs = new MemoryFileSystem();
    wheel = open();
  });

  function open(): TimerWheel {
    const opened = new TimerWheel('/timerwheel', SLOTS_TOTAL, SECOND, fs);
    opened.load();
    return opened;
  }

  function times(from = NOW): number[] {
    const found: number[] = [];
    wheel.forEach(from, (slot) => found.push(slot.time));
    return found.toSorted((a, b) => a - b);
  }

  it('has no file before the first slot', () => {
    wheel.write();
    expect(fs.files.size).toBe(0);
    expect(wheel.get(NOW)).toBeUndefined();
    expect(times()).toEqual([]);
  });

  it('finds a slot by any time in it', () => {
    wheel.put(NOW + 5000, 52, 104, 2, 0);
    for (const time of [NOW + 5000, NOW + 5999])
      expect(wheel.get(time)).toEqual({ time: NOW + 5000, firstPos: 52, lastPos: 104, num: 2, magic: 0 });
    expect(wheel.get(NOW + 6000)).toBeUndefined();
  });

  it('takes a slot of another round for empty', () => {
    wheel.put(NOW, 0, 52, 2, 0);
    expect(wheel.get(NOW + wheel.span)).toBeUndefined();
    wheel.link(NOW + wheel.span, 104, 1);
    expect(wheel.get(NOW + wheel.span)).toMatchObject({ firstPos: 104, lastPos: 104, num: 1 });
    expect(wheel.get(NOW)).toBeUndefined();
  });

  it('links entries to a chain', () => {
    wheel.link(NOW, 0, 1);
    wheel.link(NOW, 52, 1);
    wheel.link(NOW, 104, -1);
    expect(wheel.get(NOW)).toMatchObject({ firstPos: 0, lastPos: 104, num: 1 });
  });

  it("has RocketMQ's slots: the time in slots, first, last, number, magic, at the time modulo the slots", () => {
    wheel.put(NOW + 7000, 52, 0x1_0000_0000, 3, 0);
    wheel.write();
    const { bytes } = fs.files.get('/timerwheel') ?? { bytes: Buffer.alloc(0) };
    expect(bytes.length).toBe(SLOTS_TOTAL * 2 * 32);
    const at = (((NOW + 7000) / 1000) % (SLOTS_TOTAL * 2)) * 32;
    expect(bytes.subarray(at, at + 32).toString('hex')).toBe(
      ((NOW + 7000) / 1000).toString(16).padStart(16, '0') +
        '0000000000000034' +
        '0000000100000000' +
        '00000003' +
        '00000000',
    );
    expect(bytes.filter((byte) => byte !== 0).length).toBeLessThan(32);
  });

  it('is the same for the next process, as far as it was written', () => {
    for (let i = 0; i < 300; i++) wheel.put(NOW + i * SECOND, i, i, 1, 0);
    wheel.write();
    wheel.put(NOW + 300 * SECOND, 300, 300, 1, 0);
    wheel = open();
    expect(wheel.get(NOW + 299 * SECOND)).toMatchObject({ lastPos: 299 });
    expect(wheel.get(NOW + 300 * SECOND)).toBeUndefined();
    expect(times()).toHaveLength(300);
    expect(times(NOW + 290 * SECOND)).toHaveLength(10);
  });

  it('tells of slots that are not written yet', () => {
    wheel.put(NOW, 0, 0, 1, 0);
    wheel.write();
    wheel.put(NOW + SECOND, 52, 52, 1, 0);
    expect(times()).toEqual([NOW, NOW + SECOND]);
  });

  it('forgets everything when told to', () => {
    wheel.put(NOW, 0, 0, 1, 0);
    wheel.write();
    wheel.put(NOW + SECOND, 52, 52, 1, 0);
    wheel.clear();
    wheel.write();
    expect(times()).toEqual([]);
    wheel = open();
    expect(times()).toEqual([]);
  });

  it('writes after a full disk what that did not take', () => {
    fs.fail('write', { code: 'ENOSPC' });
    wheel.put(NOW, 0, 0, 1, 0);
    expect(() => wheel.write()).toThrow('ENOSPC');
    fs.heal();
    wheel.write();
    wheel = open();
    expect(times()).toEqual([NOW]);
  });

  it('refuses a file of another size', () => {
    wheel.put(NOW, 0, 0, 1, 0);
    wheel.write();
    expect(() => new TimerWheel('/timerwheel', SLOTS_TOTAL + 1, SECOND, fs).load()).toThrow(
      'is not the size of',
    );
  });
});
