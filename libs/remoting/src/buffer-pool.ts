/** Sizes and how many of each are kept: 14 MiB at most in all. A buffer is at most four times what was asked for. */
const CLASSES = [
  { size: 4 * 1024, keep: 1024 },
  { size: 16 * 1024, keep: 128 },
  { size: 64 * 1024, keep: 64 },
  { size: 256 * 1024, keep: 16 },
] as const;

/** The size of the buffers that a queue of bytes is made of once it is longer than a few answers. */
export const CHUNK_BYTES = 64 * 1024;

/** Whom a buffer goes back to when nobody uses it any more. */
export interface BufferHome {
  give(buffer: Buffer): void;
}

/**
 * Buffers for what is on its way in or out, shared by all connections of a server or client, so that a connection that
 * is silent holds none. A buffer above the largest class is made for the purpose and not kept.
 */
export class BufferPool implements BufferHome {
  readonly #free: Buffer[][] = CLASSES.map(() => []);

  /** A buffer of at least `size` bytes, its content undefined. */
  take(size: number): Buffer {
    for (let i = 0; i < CLASSES.length; i++) {
      const bytes = CLASSES[i]?.size ?? 0;
      if (size <= bytes) return this.#free[i]?.pop() ?? Buffer.allocUnsafeSlow(bytes);
    }
    return Buffer.allocUnsafeSlow(size);
  }

  /** Gives back a buffer that nobody uses any more. */
  give(buffer: Buffer): void {
    for (let i = 0; i < CLASSES.length; i++) {
      const kind = CLASSES[i];
      const free = this.#free[i];
      if (kind === undefined || free === undefined || kind.size !== buffer.length) continue;
      if (free.length < kind.keep) free.push(buffer);
      return;
    }
  }
}
