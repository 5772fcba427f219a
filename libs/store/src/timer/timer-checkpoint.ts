import { readInt64, writeInt64 } from '@nest-rocketmq/protocol';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';

const FILE_BYTES = 4096;
/** What the file's beginning holds, and GET_TIMER_CHECK_POINT answers: seven 64-bit numbers. */
const USED_BYTES = 56;

/** `config/timercheck`: how far the timers are (TimerCheckpoint). */
export class TimerCheckpoint {
  /** The slot from which on messages are still to be delivered, in milliseconds. */
  lastReadTimeMs = 0;
  /** Log and wheel are complete up to this position of the timer log. */
  lastTimerLogFlushPos = 0;
  /** The first message of the timer topic that has no entry in the timer log. */
  lastTimerQueueOffset = 0;
  masterTimerQueueOffset = 0;
  readonly #path: string;
  readonly #fs: FileSystem;
  readonly #bytes = Buffer.alloc(FILE_BYTES);
  #fd = -1;

  constructor(file: string, fs: FileSystem) {
    this.#path = file;
    this.#fs = fs;
  }

  /** Reads the file if there is one. */
  load(): void {
    if ((this.#fs.status(this.#path)?.size ?? 0) === 0) return;
    this.#fd = this.#fs.open(this.#path, 'r+');
    this.#fs.read(this.#fd, this.#bytes, 0, FILE_BYTES, 0);
    this.lastReadTimeMs = readInt64(this.#bytes, 0);
    this.lastTimerLogFlushPos = readInt64(this.#bytes, 8);
    this.lastTimerQueueOffset = readInt64(this.#bytes, 16);
    this.masterTimerQueueOffset = readInt64(this.#bytes, 24);
  }

  /** Writes the file, with a new data version of the time `now`. Throws the file system's error. */
  write(now: number): void {
    if (this.#fd < 0) {
      this.#fs.makeDirectory(path.dirname(this.#path));
      this.#fd = this.#fs.open(this.#path, 'c+');
    }
    const bytes = this.#bytes;
    writeInt64(bytes, this.lastReadTimeMs, 0);
    writeInt64(bytes, this.lastTimerLogFlushPos, 8);
    writeInt64(bytes, this.lastTimerQueueOffset, 16);
    writeInt64(bytes, this.masterTimerQueueOffset, 24);
    writeInt64(bytes, now, 40);
    writeInt64(bytes, readInt64(bytes, 48) + 1, 48);
    this.#fs.write(this.#fd, bytes, 0, FILE_BYTES, 0);
  }

  /** The body of GET_TIMER_CHECK_POINT, as it was last written. */
  encode(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, USED_BYTES));
  }

  /** Makes what was written survive a power loss. */
  sync(done: (error: Error | null) => void): void {
    if (this.#fd >= 0) this.#fs.fdatasync(this.#fd, done);
    else done(null);
  }

  syncNow(): void {
    if (this.#fd >= 0) this.#fs.fdatasyncSync(this.#fd);
  }

  close(): void {
    if (this.#fd >= 0) this.#fs.close(this.#fd);
    this.#fd = -1;
  }
}
