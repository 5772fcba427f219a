import { SimulatedFileSystem } from './simulated-file-system.ts';

/** A disk whose chances are given; when they run out, the last one repeats. */
function disk(...chances: number[]): SimulatedFileSystem {
  return new SimulatedFileSystem((bound) =>
    Math.min(bound - 1, (chances.length > 1 ? chances.shift() : chances[0]) ?? 0),
  );
}

const KEEP_ALL = 1_000_000;
const LOSE_WRITES = 1;

function write(fs: SimulatedFileSystem, fd: number, text: string, position = 0): void {
  fs.write(fd, Buffer.from(text), 0, text.length, position);
}

it('takes back names that were not made durable, newest first', () => {
  for (const [kept, names] of [
    [0, ['b', 'a']],
    [1, ['b']],
    [2, ['c', 'b']],
  ] as const) {
    const fs = disk(kept, LOSE_WRITES);
    fs.put('/a', Buffer.from('a'));
    fs.put('/b', Buffer.from('b'));
    fs.syncDirectory();
    fs.remove('/a');
    fs.open('/c', 'c+');
    fs.powerCut();
    expect([...fs.files.keys()].toSorted()).toEqual(names.map((name) => `/${name}`).toSorted());
  }
});

it('keeps all names up to a directory that was synced', () => {
  const fs = disk(0);
  fs.open('/a', 'c+');
  fs.rename('/a', '/b');
  fs.syncDirectory();
  fs.powerCut();
  expect(fs.status('/a')).toBeUndefined();
  expect(fs.status('/b')).toBeDefined();
});

it('makes durable what was written before fdatasync was called, and nothing later', () => {
  const fs = disk(0, KEEP_ALL, LOSE_WRITES);
  fs.put('/a', Buffer.alloc(4));
  const fd = fs.open('/a', 'r+');
  write(fs, fd, 'ab');
  const ended: (Error | null)[] = [];
  fs.fdatasync(fd, (error) => ended.push(error));
  write(fs, fd, 'cd', 2);
  expect(ended).toEqual([]);
  expect(fs.completeOne()).toBe(true);
  expect(ended).toEqual([null]);
  expect(fs.completeOne()).toBe(false);
  fs.powerCut();
  expect(fs.content('/a')).toEqual(Buffer.from('ab\0\0'));
});

it('tears writes between sectors, each as it was at some moment', () => {
  // Nothing of names; torn; the first sector as after the first write, the second as before all.
  const fs = disk(KEEP_ALL, 2, 1, 0);
  fs.put('/a', Buffer.alloc(1024));
  const fd = fs.open('/a', 'r+');
  write(fs, fd, 'x'.repeat(1024));
  write(fs, fd, 'y'.repeat(1024));
  fs.powerCut();
  expect(fs.content('/a').toString()).toBe('x'.repeat(512) + '\0'.repeat(512));
});

it('forgets writes whose fdatasync failed, and says so', () => {
  const fs = disk(KEEP_ALL, LOSE_WRITES);
  fs.put('/a', Buffer.alloc(2));
  const fd = fs.open('/a', 'r+');
  write(fs, fd, 'ab');
  fs.fail('fdatasync');
  expect(() => fs.fdatasyncSync(fd)).toThrow('EIO');
  expect(fs.lostWrites).toBe(true);
  fs.heal();
  fs.fdatasyncSync(fd);
  expect(fs.content('/a').toString()).toBe('ab');
  fs.powerCut();
  expect(fs.content('/a')).toEqual(Buffer.alloc(2));
});

it('restores what a cut that was not durable had cut off', () => {
  const fs = disk(0, LOSE_WRITES);
  fs.put('/a', Buffer.from('abcd'));
  fs.syncDirectory();
  const fd = fs.open('/a', 'r+');
  fs.truncate(fd, 2);
  fs.truncate(fd, 4);
  expect(fs.content('/a')).toEqual(Buffer.from('ab\0\0'));
  fs.powerCut();
  expect(fs.content('/a').toString()).toBe('abcd');
});
