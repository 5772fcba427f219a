import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The files under a broker's directory that hold messages and their queues, with the bytes they take on disk. */
export async function storeFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /[/\\](commitlog|consumequeue|index|config)[/\\]/.test(file));
  const lines = files.toSorted().map(async (file) => {
    const { size, blocks } = await stat(file);
    // Segments are as long as RocketMQ's from the start; the disk holds what was written of them.
    return `${relative(process.cwd(), file)}  (${size} bytes long, ${blocks * 512} on disk)`;
  });
  return Promise.all(lines);
}
