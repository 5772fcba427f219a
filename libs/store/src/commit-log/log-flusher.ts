import type { FileSystem } from '../files/file-system.ts';
import { storeError } from '../store-error.ts';
import type { CommitLog } from './commit-log.ts';

/** At 100 MB/s, appending waits up to 40 ms for a flush of what half a second brings, and up to 6 ms for one of this. */
const MUCH_BYTES = 4 * 1024 * 1024;

/**
 * Makes the commit log durable: `fdatasync` in the thread pool, one at a time; what is written meanwhile is gathered
 * for the next one (group commit). A failed one is never repeated: the kernel may have dropped the pages, and a second
 * call would report success for lost data.
 */
export class LogFlusher {
  /** Everything before it survives a power loss. */
  flushedOffset = 0;
  /** The store timestamp up to which all records are durable. */
  flushedTimestamp = 0;
  readonly #log: CommitLog;
  readonly #fs: FileSystem;
  readonly #onFlushed: () => void;
  #inFlight = false;
  #again = false;
  #idle: (() => void)[] = [];

  constructor(log: CommitLog, fs: FileSystem, onFlushed: () => void) {
    this.#log = log;
    this.#fs = fs;
    this.#onFlushed = onFlushed;
  }

  /** Flushes all that is written by now; joined with others that come while a flush is under way. */
  request(): void {
    if (this.#log.failure || this.#log.writtenOffset <= this.flushedOffset) return;
    if (this.#inFlight) this.#again = true;
    else this.#start();
  }

  /**
   * Flushes if so much is written that was not that it should not grow: a flush holds the page that the log ends in for as
   * long as it takes, and what is appended next waits for it.
   */
  requestIfMuch(): void {
    if (!this.#inFlight && this.#log.writtenOffset - this.flushedOffset >= MUCH_BYTES) this.request();
  }

  /** Resolves when everything written is flushed, or the log has failed. */
  async drain(): Promise<void> {
    this.request();
    while (this.#inFlight) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * Flushes all that is written from `start` on before it returns, for a log that nobody uses yet.
   * @throws the error of the operating system
   */
  flushSync(start: number): void {
    const { segments, segmentSize, writtenOffset } = this.#log;
    for (const { base, fd } of segments) {
      if (base < writtenOffset && base + segmentSize > start) this.#fs.fdatasyncSync(fd);
    }
  }

  #start(): void {
    const target = this.#log.writtenOffset;
    const timestamp = this.#log.writtenTimestamp;
    const size = this.#log.segmentSize;
    const dirty = this.#log.segments.filter((s) => s.base < target && s.base + size > this.flushedOffset);
    this.#inFlight = true;
    let next = 0;
    const step = (): void => {
      const segment = dirty[next++];
      if (!segment) {
        this.#finish(target, timestamp);
        return;
      }
      this.#fs.fdatasync(segment.fd, (error) => {
        if (error) {
          this.#log.fail(storeError('commit log: fdatasync of', segment.path, error));
          this.#settle();
        } else {
          step();
        }
      });
    };
    step();
  }

  #finish(target: number, timestamp: number): void {
    if (this.#log.failure) {
      this.#settle();
      return;
    }
    this.flushedOffset = target;
    this.flushedTimestamp = timestamp;
    this.#inFlight = false;
    this.#onFlushed();
    if (this.#again && !this.#inFlight) {
      this.#again = false;
      this.request();
    }
    if (!this.#inFlight) this.#settle();
  }

  #settle(): void {
    this.#inFlight = false;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
