import { MemoryFileSystem } from '../testing/memory-file-system.ts';
import { TimerLog } from './timer-log.ts';
import { TIMER_UNIT_SIZE, TimerMagic, TimerUnit } from './timer-unit.ts';

/** Room for three entries and the blank behind them. */
const FILE_SIZE = 3 * TIMER_UNIT_SIZE + 20;

describe('the timer log', () => {
  let fs: MemoryFileSystem;
  let log: TimerLog;

  beforeEach(() => {
    fs = new MemoryFileSystem();
    log = open();
  });

  function open(): TimerLog {
    const opened = new TimerLog('/store/timerlog', FILE_SIZE, fs);
    opened.load();
    return opened;
  }

  function unit(physicalOffset: number, prevPos = -1): TimerUnit {
    return Object.assign(new TimerUnit(), {
      prevPos,
      magic: TimerMagic.DEFAULT,
      enqueueTime: 1_767_225_600_000,
      slotTime: 1_767_225_605_000,
      physicalOffset,
      size: 200,
      topicHash: -7,
      dueAt: 1_767_225_605_123,
    });
  }

  function append(count: number): number[] {
    const positions = Array.from({ length: count }, (_, i) => log.append(unit(i * 200)));
    log.write();
    return positions;
  }

  function walked(from = 0): { offsets: number[]; end: number } {
    const offsets: number[] = [];
    const end = log.walk(from, (one) => offsets.push(one.physicalOffset) > 0);
    return { offsets, end };
  }

  const bytes = (name: string): Buffer => fs.files.get(`/store/timerlog/${name}`)?.bytes ?? Buffer.alloc(0);

  it('has no file before the first entry', () => {
    expect(fs.files.size).toBe(0);
    expect(log.exists).toBe(false);
    expect(log.end).toBe(0);
  });

  it("has RocketMQ's entries: size, previous, magic, enqueue time, delay, offset, size, hash, and the time", () => {
    log.append(unit(0x1_2345_6789, 104));
    log.write();
    expect(bytes('00000000000000000000').subarray(0, TIMER_UNIT_SIZE).toString('hex')).toBe(
      '00000034' +
        '0000000000000068' +
        '00000001' +
        hex64(1_767_225_600_000) +
        '00001388' +
        '0000000123456789' +
        '000000c8' +
        'fffffff9' +
        'ffffff83' +
        '0000007c',
    );
  });

  it('goes on in the next file behind a blank', () => {
    expect(append(4)).toEqual([0, 52, 104, FILE_SIZE]);
    const first = bytes('00000000000000000000');
    expect(first.length).toBe(FILE_SIZE);
    // What is left of the file, no previous entry, and TimerLog.BLANK_MAGIC_CODE.
    expect(first.subarray(156, 172).toString('hex')).toBe('00000014' + '0000000000000000' + 'cbd43194');
    expect(walked()).toEqual({ offsets: [0, 200, 400, 600], end: FILE_SIZE + TIMER_UNIT_SIZE });
  });

  it('reads what was written, across files, and nothing else', () => {
    const positions = append(7);
    const read = new TimerUnit();
    for (const [i, position] of [...positions.entries()].toReversed()) {
      expect(log.read(position, read)).toBe(true);
      expect(read).toEqual(unit(i * 200));
    }
    const staged = log.append(unit(1400));
    expect(log.read(staged, read)).toBe(false);
    log.write();
    expect(log.read(staged, read)).toBe(true);
    expect(log.read(log.end, read)).toBe(false);
    expect(log.read(-1, read)).toBe(false);
  });

  it('is found again, from any entry on, after kill -9', () => {
    const positions = append(5);
    log.append(unit(1000));
    log = open();
    expect(walked()).toEqual({ offsets: [0, 200, 400, 600, 800], end: FILE_SIZE + 104 });
    expect(walked(positions[1]).offsets).toEqual([200, 400, 600, 800]);
    log.truncate(FILE_SIZE + 104);
    expect(log.append(unit(1000))).toBe(FILE_SIZE + 104);
  });

  it('never shows again what was cut off', () => {
    append(6);
    log.truncate(52);
    expect([...fs.files.keys()]).toEqual(['/store/timerlog/00000000000000000000']);
    log.append(unit(9000));
    log.write();
    log = open();
    expect(walked()).toEqual({ offsets: [0, 9000], end: 104 });
  });

  it('knows where the entry before another one stands', () => {
    append(5);
    expect([0, 52, 104, FILE_SIZE, FILE_SIZE + 52].map((at) => log.before(at))).toEqual([
      0,
      0,
      52,
      104,
      FILE_SIZE,
    ]);
    expect([53, FILE_SIZE + 1, 10 * FILE_SIZE].map((at) => log.entryAt(at))).toEqual([0, FILE_SIZE, 0]);
  });

  it('loses files whose messages have aged, but never the last', () => {
    append(7);
    log.removeBefore(401);
    expect(log.begin).toBe(FILE_SIZE);
    log.removeBefore(1e9);
    expect(log.begin).toBe(2 * FILE_SIZE);
    expect(walked(log.begin).offsets).toEqual([1200]);
    const read = new TimerUnit();
    expect(log.read(52, read)).toBe(false);
  });

  it('keeps entries that a full disk did not take, and writes them later', () => {
    append(1);
    fs.fail('write', { code: 'ENOSPC' });
    log.append(unit(200));
    expect(() => log.write()).toThrow('ENOSPC');
    expect(log.complete).toBe(false);
    fs.heal();
    log.write();
    expect(walked().offsets).toEqual([0, 200]);
  });

  it.each([
    [
      'a file of another size',
      () => fs.files.get('/store/timerlog/00000000000000000000'),
      'mappedFileSizeTimerLog',
    ],
  ])('refuses %s', (_, file, message) => {
    append(4);
    const found = file();
    if (found) found.bytes = found.bytes.subarray(0, 100);
    expect(() => open()).toThrow(message);
  });

  it('refuses to go on when a file is missing', () => {
    append(7);
    fs.files.delete(`/store/timerlog/${String(FILE_SIZE).padStart(20, '0')}`);
    expect(() => open()).toThrow('a file is missing');
  });
});

function hex64(value: number): string {
  return value.toString(16).padStart(16, '0');
}
