import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** What a broker's directory has, in the order in which a message gets there. */
const DIRECTORIES = ['commitlog', 'consumequeue', 'index', 'config'];

/** The files under a broker's directory, each with its length and what it takes on disk. */
export async function storeFiles(storePath: string): Promise<string[]> {
  const lines: string[] = [];
  const there = await readdir(storePath);
  for (const directory of DIRECTORIES.filter((name) => there.includes(name))) {
    const entries = await readdir(join(storePath, directory), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.toSorted((a, b) => a.localeCompare(b))) {
      const { size, blocks } = await stat(file);
      // Segments have RocketMQ's full length from the start; the disk holds what was written of them.
      lines.push(`${relative(process.cwd(), file)}  ${bytes(size)}, ${bytes(blocks * 512)} on disk`);
    }
  }
  return lines;
}

function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  return n < 1024 ** 2 ? `${Math.round(n / 1024)} KiB` : `${Math.round(n / 1024 ** 2)} MiB`;
}
