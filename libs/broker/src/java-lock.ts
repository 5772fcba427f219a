import { readdir, readFile, readlink, stat } from 'node:fs/promises';

/** Linux lists every POSIX lock here, of all processes this one may see. */
const LOCKS = '/proc/locks';

/**
 * The process that holds a POSIX lock on a file, as a Java broker does on `lock`; undefined when none is known. Linux only.
 * @param locks the content of `/proc/locks`, for tests
 */
export async function javaLockHolder(path: string, locks?: string): Promise<number | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (!file) return undefined;
  const text = locks ?? (await readFile(LOCKS, 'utf8').catch(() => ''));
  for (const line of text.split('\n')) {
    // `1: POSIX  ADVISORY  WRITE 4711 08:01:131 0 0`: pid, then device and inode of the file.
    const match = /:\s+(?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s/.exec(line);
    if (!match || Number(match[4]) !== file.ino) continue;
    const pid = Number(match[1]);
    if (pid === process.pid) continue;
    const device = makeDevice(Number.parseInt(match[2] ?? '', 16), Number.parseInt(match[3] ?? '', 16));
    // Overlay file systems list the device below: then the holder's open files decide.
    if (device === file.dev || (await hasOpen(pid, path))) return pid;
  }
  return undefined;
}

/** The device number that `stat` gives for a major and a minor number. */
function makeDevice(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x100000;
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if ((await readlink(`${directory}/${name}`).catch(() => '')) === path) return true;
  }
  return false;
}
