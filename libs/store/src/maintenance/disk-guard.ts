import type { Clock } from '@nest-rocketmq/runtime';
import type { FileSystem } from '../files/file-system.ts';

/** Others use the disk too: after so many bytes it is looked at again. */
const LOOK_AGAIN_BYTES = 64 * 1024 * 1024;
const LOOK_AGAIN_MS = 100;
/**
 * What a message may take besides its record: a block of a consume queue file, and one of the index's slot table for
 * each of two keys; a new queue's directory and files.
 */
export const DERIVED_BYTES = 3 * 4096;

/**
 * Refuses messages before the disk is full. The files are sparse: a write into a hole can fail, and a failed write ends
 * the store; so every message is counted against what is left below diskSpaceWarningLevelRatio, the last tenth being
 * for what has been taken in already, for configuration, and for others.
 */
export class DiskGuard {
  /** Used part of the fullest of the store's disks, 0 to 1. */
  ratio = 0;
  full = false;
  readonly #paths: readonly string[];
  readonly #fs: FileSystem;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #pending: () => number;
  #budget = 0;
  #looked = Number.NEGATIVE_INFINITY;

  /**
   * @param warningRatio per cent of the disk that may be used
   * @param pending bytes that are in memory and will be written
   */
  constructor(
    paths: readonly string[],
    warningRatio: number,
    fs: FileSystem,
    clock: Clock,
    pending: () => number,
  ) {
    this.#paths = [...new Set(paths)];
    this.#limit = warningRatio / 100;
    this.#fs = fs;
    this.#clock = clock;
    this.#pending = pending;
  }

  /** Counts `bytes` that are going to be written. @returns false when the disk has no room for them */
  admit(bytes: number): boolean {
    if (bytes <= this.#budget) {
      this.#budget -= bytes;
      return true;
    }
    const now = this.#clock.now();
    if (this.full && Math.abs(now - this.#looked) < LOOK_AGAIN_MS) return false;
    this.look();
    this.full = bytes > this.#budget;
    if (this.full) return false;
    this.#budget -= bytes;
    return true;
  }

  /** Asks the operating system how full the disks are. */
  look(): void {
    this.#looked = this.#clock.now();
    let left = Number.MAX_SAFE_INTEGER;
    let ratio = 0;
    for (const path of this.#paths) {
      const { total, free, available } = this.#fs.space(path);
      const used = total - free;
      // As `df` and RocketMQ do: what only the superuser may use is nobody's.
      const usable = used + available;
      left = Math.min(left, Math.floor(usable * this.#limit) - used);
      ratio = Math.max(ratio, usable > 0 ? used / usable : 1);
    }
    this.ratio = ratio;
    this.#budget = Math.max(0, Math.min(left - this.#pending(), LOOK_AGAIN_BYTES));
    this.full = this.#budget === 0;
  }
}
