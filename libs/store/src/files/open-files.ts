import type { FileSystem } from './file-system.ts';

/** Keeps the most recently used files open, at most `limit`: there may be far more queues than descriptors. */
export class OpenFiles {
  readonly #fs: FileSystem;
  readonly #limit: number;
  readonly #open = new Map<string, number>();

  constructor(fs: FileSystem, limit: number) {
    this.#fs = fs;
    this.#limit = limit;
  }

  /** The descriptor of a file, opened (never created) if need be; valid until the next call. */
  get(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) {
      if (this.#open.size > this.#limit / 2) {
        this.#open.delete(path);
        this.#open.set(path, known);
      }
      return known;
    }
    const fd = this.#fs.open(path, 'r+');
    this.add(path, fd);
    return fd;
  }

  /** Takes over a descriptor that was just opened. */
  add(path: string, fd: number): void {
    this.#open.set(path, fd);
    if (this.#open.size <= this.#limit) return;
    for (const oldest of this.#open.keys()) {
      this.close(oldest);
      return;
    }
  }

  close(path: string): void {
    const fd = this.#open.get(path);
    if (fd === undefined) return;
    this.#open.delete(path);
    this.#fs.close(fd);
  }

  closeAll(): void {
    for (const fd of this.#open.values()) this.#fs.close(fd);
    this.#open.clear();
  }
}
