import type { CommitLog } from '../commit-log/commit-log.ts';

const BLOCK_BYTES = 256 * 1024;
const BLOCKS = 32;

/** A piece of the log: its bytes from `base` on, as far as they were written when it was read. */
interface Block {
  base: number;
  length: number;
  readonly bytes: Buffer;
}

/**
 * The blocks of the log that pulls of interleaved queues read last. The records of such queues lie side by side, so one
 * read of a block serves the pulls of all of them; and what is written of the log never changes. At most 32 blocks of
 * 256 KiB, made as they are needed; the one that was used longest ago makes room.
 */
export class LogBlocks {
  readonly #log: CommitLog;
  /** By base, the one used last at the end. */
  readonly #blocks = new Map<number, Block>();
  #last: Block | undefined;

  constructor(log: CommitLog) {
    this.#log = log;
  }

  /**
   * Copies `length` bytes of one file of the log, from `position` on, to `target[at]`.
   * @returns false when they are not all there: before the first file, across a file's end, or not written yet
   */
  copy(position: number, length: number, target: Buffer, at: number): boolean {
    const segment = this.#log.segmentAt(position);
    const end = position + length;
    // A file that was removed is gone, whatever of it is still here.
    if (!segment || end > this.#log.writtenOffset || end > segment.base + this.#log.segmentSize) return false;
    for (let from = position; from < end;) {
      const base = segment.base + Math.floor((from - segment.base) / BLOCK_BYTES) * BLOCK_BYTES;
      const to = Math.min(end, base + BLOCK_BYTES);
      const block = this.#block(base, to - base);
      if (!block) return false;
      block.bytes.copy(target, at + from - position, from - base, to - base);
      from = to;
    }
    return true;
  }

  /** The block at `base` with its first `wanted` bytes at least, which are written. */
  #block(base: number, wanted: number): Block | undefined {
    const block = this.#last?.base === base ? this.#last : this.#take(base);
    if (block.length >= wanted) return block;
    const segmentEnd = (this.#log.segmentAt(base)?.base ?? 0) + this.#log.segmentSize;
    const end = Math.min(base + BLOCK_BYTES, segmentEnd, this.#log.writtenOffset);
    if (!this.#log.read(base + block.length, end - base - block.length, block.bytes, block.length)) {
      return undefined;
    }
    block.length = end - base;
    return block;
  }

  /** The block at `base`, empty when it is new, as the one used last. */
  #take(base: number): Block {
    let block = this.#blocks.get(base);
    if (block) {
      this.#blocks.delete(base);
    } else {
      const oldest = this.#blocks.size < BLOCKS ? undefined : this.#blocks.values().next().value;
      if (oldest) this.#blocks.delete(oldest.base);
      block = { base, length: 0, bytes: oldest?.bytes ?? Buffer.allocUnsafeSlow(BLOCK_BYTES) };
    }
    this.#blocks.set(base, block);
    this.#last = block;
    return block;
  }
}
