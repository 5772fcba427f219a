import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { queueKey, ResetOffsetBody, type QueueEntry } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '../message/message.ts';
import { OFFSET_NOT_FOUND, type OffsetStore } from './offset-store.ts';

/** Where Java's client keeps them, and so we do. */
export function defaultLocalOffsetDir(): string {
  return join(homedir(), '.rocketmq_offsets');
}

/**
 * Offsets in `<dir>/<clientId>/<group>/offsets.json`, for broadcasting consumers (`LocalFileOffsetStore`): the same
 * file and format as Java's. The one before is kept as `offsets.json.bak`, and read when the file itself is damaged.
 */
export class LocalOffsetStore implements OffsetStore {
  readonly path: string;
  readonly #offsets = new Map<string, QueueEntry<number>>();
  #changed = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(dir: string, clientId: string, group: string) {
    this.path = join(dir, clientId, group, 'offsets.json');
  }

  async load(): Promise<void> {
    const offsets = (await readOffsets(this.path)) ?? (await readOffsets(`${this.path}.bak`));
    for (const { queue, value } of offsets ?? []) this.update(queue, value, false);
    this.#changed = false;
  }

  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    const known = this.#offsets.get(queueKey(queue))?.value;
    if (known !== undefined && (known === offset || (increaseOnly && known > offset))) return;
    this.#offsets.set(queueKey(queue), { queue, value: offset });
    this.#changed = true;
  }

  inMemory(queue: MessageQueue): number | undefined {
    return this.#offsets.get(queueKey(queue))?.value;
  }

  async read(queue: MessageQueue): Promise<number> {
    return this.inMemory(queue) ?? OFFSET_NOT_FOUND;
  }

  /** Writes all of them when any has changed: what is not ours any more is kept, it may come back. */
  persist(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  /** The file has all of them. */
  commit(): Promise<void> {
    return this.persist();
  }

  forget(): void {
    // A broadcasting consumer keeps what it knows: nobody else does.
  }

  async #write(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await writeFile(
        `${this.path}.tmp`,
        ResetOffsetBody.encode({ offsetTable: [...this.#offsets.values()] }),
      );
      await copyFile(this.path, `${this.path}.bak`).catch(ignoreMissing);
      await rename(`${this.path}.tmp`, this.path);
    } catch (cause) {
      this.#changed = true;
      throw new RocketMQError('STORE', `The offsets could not be written to ${this.path}`, { cause });
    }
  }
}

/** The offsets in a file; undefined when there is none or it is damaged. */
async function readOffsets(path: string): Promise<QueueEntry<number>[] | undefined> {
  const bytes = await readFile(path).catch(ignoreMissing);
  if (!bytes || bytes.length === 0) return undefined;
  try {
    return ResetOffsetBody.decode(bytes).offsetTable;
  } catch (cause) {
    if (!path.endsWith('.bak')) return undefined;
    throw new RocketMQError('STORE', `The offsets in ${path} can't be read: correct the file or remove it`, {
      cause,
    });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
