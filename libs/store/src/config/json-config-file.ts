import { type JsonValue, parseJson, stringifyJson } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { storeError } from '../store-error.ts';

/** No configuration file comes near it; a larger one is damaged. */
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * One of RocketMQ's JSON files under `config/` (ConfigManager): written in fastjson's pretty style, the previous state
 * kept beside it as `.bak`, which is read when the file is missing, empty or damaged.
 */
export class JsonConfigFile {
  readonly path: string;
  readonly #fs: FileSystem;

  constructor(file: string, fileSystem: FileSystem) {
    this.path = file;
    this.#fs = fileSystem;
  }

  /**
   * Reads the file, or its backup.
   * @returns undefined when there is neither
   * @throws RocketMQError `STORE` when the file is damaged and there is no good backup
   */
  load(): JsonValue | undefined {
    const backup = `${this.path}.bak`;
    try {
      return this.#parse(this.path) ?? this.#parse(backup);
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
   * @throws RocketMQError `STORE` when it cannot be written; the present file is left as it is
   */
  persist(value: unknown): void {
    const bytes = Buffer.from(stringifyJson(value, { pretty: true }));
    const fresh = `${this.path}.tmp`;
    try {
      const directory = path.dirname(this.path);
      this.#fs.makeDirectory(directory);
      this.#writeWhole(fresh, bytes);
      if (this.#fs.status(this.path)) this.#fs.rename(this.path, `${this.path}.bak`);
      this.#fs.rename(fresh, this.path);
      this.#fs.syncDirectory(directory);
    } catch (error) {
      throw storeError('cannot write', this.path, error);
    }
  }

  #writeWhole(file: string, bytes: Buffer): void {
    const fd = this.#fs.open(file, 'w+');
    try {
      const written = this.#fs.write(fd, bytes, 0, bytes.length, 0);
      if (written !== bytes.length) {
        throw Object.assign(new Error(`short write of ${written} bytes, the disk is full`), {
          code: 'ENOSPC',
        });
      }
      this.#fs.fdatasyncSync(fd);
    } finally {
      this.#fs.close(fd);
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
