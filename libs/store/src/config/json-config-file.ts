import { type JsonValue, parseJson, stringifyJson } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { storeError } from '../store-error.ts';

/** No configuration file comes near it; a larger one is damaged. */
const MAX_BYTES = 512 * 1024 * 1024;

/** What has been written and may not be durable yet. */
interface Written {
  /** Undefined once the content is durable, and its name alone may not be. */
  fd: number | undefined;
  readonly failed: ((error: RocketMQError) => void) | undefined;
}

/**
 * One of RocketMQ's JSON files under `config/` (ConfigManager): written in fastjson's pretty style, a previous state
 * kept beside it as `.bak`, which is read when the file is missing, empty or damaged.
 *
 * What is written is in the file at once, and survives this process. It survives a power loss some time later: a disk can
 * take seconds for that, which nobody waits for. Until then the backup is the last state that does; only the first state of
 * all has none, and is waited for.
 */
export class JsonConfigFile {
  readonly path: string;
  readonly #fs: FileSystem;
  #durable = false;
  /** The one that is being made durable, and the one to follow it. */
  #syncing: Written | undefined;
  #next: Written | undefined;

  constructor(file: string, fileSystem: FileSystem) {
    this.path = file;
    this.#fs = fileSystem;
  }

  /** Whether the file as it is now survives a power loss. */
  get durable(): boolean {
    return this.#durable;
  }

  /**
   * Reads the file, or its backup; to be called at the start, before {@link persist}.
   * @returns undefined when there is neither
   * @throws RocketMQError `STORE` when the file is damaged and there is no good backup
   */
  load(): JsonValue | undefined {
    const backup = `${this.path}.bak`;
    this.#durable = false;
    try {
      const value = this.#parse(this.path);
      if (value === undefined) return this.#parse(backup);
      // The process that wrote it may have been killed before that was durable.
      this.#syncCurrent();
      return value;
    } catch (damage) {
      let saved: JsonValue | undefined;
      try {
        saved = this.#parse(backup);
      } catch {
        // Both are damaged: the error that names the file itself is the useful one.
      }
      if (saved !== undefined) return saved;
      throw damage;
    }
  }

  /**
   * Replaces the file: at any moment either it or its backup is whole on the disk.
   * @param value as `stringifyJson` takes it
   * @param failed told when the file could be written and could not be made durable
   * @throws RocketMQError `STORE` when it cannot be written; the present file is left as it is
   */
  persist(value: unknown, failed?: (error: RocketMQError) => void): void {
    const bytes = Buffer.from(stringifyJson(value, { pretty: true }));
    const fresh = `${this.path}.tmp`;
    const backup = `${this.path}.bak`;
    const directory = path.dirname(this.path);
    let fd: number | undefined;
    try {
      this.#fs.makeDirectory(directory);
      const isFirst = !this.#fs.status(this.path) && !this.#fs.status(backup);
      fd = this.#fs.open(fresh, 'w+');
      this.#writeAll(fd, bytes);
      if (isFirst) this.#fs.fdatasyncSync(fd);
      // A state that may not be durable is no backup: the one before it is.
      else if (this.#durable) this.#fs.rename(this.path, backup);
      this.#durable = false;
      this.#fs.rename(fresh, this.path);
      if (isFirst) {
        this.#fs.syncDirectory(directory);
        this.#durable = true;
      }
    } catch (error) {
      if (fd !== undefined) this.#fs.close(fd);
      throw storeError('cannot write', this.path, error);
    }
    this.#dropNext();
    if (this.#durable) {
      this.#fs.close(fd);
      return;
    }
    this.#next = { fd, failed };
    this.#syncNext();
  }

  /**
   * Makes the file durable, blocking: at shutdown.
   * @throws RocketMQError `STORE` when that fails
   */
  sync(): void {
    const last = this.#next ?? this.#syncing;
    if (this.#durable || !last) return;
    try {
      if (last.fd !== undefined) this.#fs.fdatasyncSync(last.fd);
      this.#fs.syncDirectory(path.dirname(this.path));
      this.#durable = true;
    } catch (error) {
      throw storeError('cannot write', this.path, error);
    } finally {
      this.#dropNext();
    }
  }

  #dropNext(): void {
    if (this.#next?.fd !== undefined) this.#fs.close(this.#next.fd);
    this.#next = undefined;
  }

  /** What can't be made durable is not taken for a backup later. */
  #syncCurrent(): void {
    const fd = this.#fs.open(this.path, 'r');
    try {
      this.#fs.fdatasyncSync(fd);
      this.#fs.syncDirectory(path.dirname(this.path));
      this.#durable = true;
    } catch {
      this.#durable = false;
    } finally {
      this.#fs.close(fd);
    }
  }

  /** One at a time: what was replaced before its turn came needs none. */
  #syncNext(): void {
    const written = this.#next;
    if (this.#syncing || written?.fd === undefined) return;
    const { fd } = written;
    this.#syncing = written;
    this.#next = undefined;
    this.#fs.fdatasync(fd, (error) => {
      this.#fs.close(fd);
      written.fd = undefined;
      if (error || this.#next || this.#durable) this.#synced(written, error);
      else this.#fs.syncDirectoryLater(path.dirname(this.path), (failure) => this.#synced(written, failure));
    });
  }

  #synced({ failed }: Written, error: Error | null): void {
    this.#syncing = undefined;
    if (this.#next) {
      this.#syncNext();
      return;
    }
    if (this.#durable) return;
    if (error) failed?.(storeError('cannot write', this.path, error));
    else this.#durable = true;
  }

  #writeAll(fd: number, bytes: Buffer): void {
    const written = this.#fs.write(fd, bytes, 0, bytes.length, 0);
    if (written !== bytes.length) {
      throw Object.assign(new Error(`short write of ${written} bytes, the disk is full`), {
        code: 'ENOSPC',
      });
    }
  }

  #parse(file: string): JsonValue | undefined {
    const size = this.#fs.status(file)?.size ?? 0;
    if (size === 0) return undefined;
    if (size > MAX_BYTES)
      throw new RocketMQError('STORE', `${file} has ${size} bytes, more than any such file has`);
    const bytes = Buffer.alloc(size);
    const fd = this.#fs.open(file, 'r');
    try {
      const read = this.#fs.read(fd, bytes, 0, size, 0);
      return parseJson(bytes.subarray(0, read), { maxBytes: MAX_BYTES });
    } catch (error) {
      throw storeError('cannot read', file, error);
    } finally {
      this.#fs.close(fd);
    }
  }
}
