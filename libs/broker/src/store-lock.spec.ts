import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaLockHolder } from './java-lock.ts';
import { localSocketLock, lockSocketPath } from './store-lock.ts';

describe.each(['linux', 'darwin'] as const)('the lock of a store directory, as on %s', (platform) => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const lock = (): ReturnType<typeof localSocketLock> => localSocketLock(platform);

  it('is held by one at a time, whatever path leads there', async () => {
    const first = lock();
    await first.acquire(directory);
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    await expect(lock().acquire(link)).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(
        `^Lock failed, MQ already started: the process ${process.pid} holds the store ${directory}`,
      ) as string,
    });
    rmSync(link);
    await first.release();
    const second = lock();
    await second.acquire(directory);
    await second.release();
  });

  it('of another directory is another lock', async () => {
    const [first, second] = [lock(), lock()];
    await first.acquire(directory);
    await expect(second.acquire(join(directory, 'other'))).resolves.toBeUndefined();
    await Promise.all([first.release(), second.release()]);
  });

  it('vanishes with a process that is killed', async () => {
    const path = lockSocketPath(realpathSync(directory), platform);
    const script = `require('node:net').createServer((s) => s.end(process.pid + ' other')).listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(lock().acquire(directory)).rejects.toThrow(`the process ${child.pid} holds`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const held = lock();
    await held.acquire(directory);
    await held.release();
  });
});

describe('the lock of a Java broker', () => {
  let file: string;
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(directory, 'lock');
    writeFileSync(file, 'lock');
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const line = (ino: number, device: string, type = 'POSIX'): string =>
    `1: ${type}  ADVISORY  WRITE 4711 ${device}:${ino} 0 0\n2: FLOCK  ADVISORY  WRITE 12 00:00:1 0 EOF\n`;

  it('is seen in the list of locks', async () => {
    const { dev, ino } = statSync(file);
    const hex = (value: number): string => value.toString(16).padStart(2, '0');
    const device = `${hex((dev >>> 8) & 0xfff)}:${hex((dev & 0xff) | ((dev >>> 12) & 0xfff00))}`;
    expect(await javaLockHolder(file, line(ino, device))).toBe(4711);
    expect(await javaLockHolder(file, line(ino + 1, device))).toBeUndefined();
    expect(await javaLockHolder(file, line(ino, device, 'FLOCK'))).toBeUndefined();
    expect(await javaLockHolder(file, line(ino, 'ff:ff'))).toBeUndefined();
    expect(await javaLockHolder(join(directory, 'none'), line(ino, device))).toBeUndefined();
  });
});
