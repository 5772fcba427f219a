import { BLANK_MAGIC } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { Segment, segmentName } from '../files/segment.ts';
import { isDiskFull, storeError } from '../store-error.ts';
import type { PageWarmer } from './page-warmer.ts';
import { Staging } from './staging.ts';

/** A record must leave room for the mark that ends a file (CommitLog's END_FILE_MIN_BLANK_LENGTH). */
export const END_FILE_MIN_BLANK_LENGTH = 8;
const STAGING_BYTES = 8 * 1024 * 1024;
/** From here on a tick's records are written before the tick ends: later they would fall out of the processor's cache. */
const WRITE_AT_BYTES = 1024 * 1024;
/** The next file is created when this much of the present one is written. */
const CREATE_AHEAD = 0.75;

/**
 * The log of all messages: files of one size, each named by the offset of its first byte. Appending puts records into
 * {@link Staging}; {@link write} puts what is staged into the page cache with one call.
 *
 * A failed or short write is final: nothing is written, flushed or reported any more, because what the file holds is
 * no longer known.
 */
export class CommitLog {
  readonly staging: Staging;
  readonly directory: string;
  readonly segmentSize: number;
  /** Ascending, without holes. */
  segments: Segment[] = [];
  /** Everything before it is in the files. */
  writtenOffset = 0;
  /** The store timestamp of the newest record that is staged, and of the newest that is written. */
  stagedTimestamp = 0;
  writtenTimestamp = 0;
  /** Whether the last file that could not be created failed for want of room. */
  diskFull = false;
  /** Set by the first failure. */
  failure: RocketMQError | undefined;
  readonly #fs: FileSystem;
  readonly #onFailure: (error: RocketMQError) => void;
  readonly #warmer: PageWarmer | undefined;
  #current: Segment | undefined;
  #ahead: Segment | undefined;
  #creating: Promise<void> | undefined;
  #closed = false;

  constructor(
    directory: string,
    segmentSize: number,
    fs: FileSystem,
    onFailure: (error: RocketMQError) => void,
    warmer?: PageWarmer,
  ) {
    this.directory = directory;
    this.segmentSize = segmentSize;
    this.staging = new Staging(Math.min(STAGING_BYTES, segmentSize));
    this.#fs = fs;
    this.#onFailure = onFailure;
    this.#warmer = warmer;
  }

  /** Where the next record goes. */
  get appendOffset(): number {
    return this.writtenOffset + this.staging.length;
  }

  get minOffset(): number {
    return this.segments[0]?.base ?? 0;
  }

  /** Takes over the segments that recovery found, to go on at `offset`. */
  resume(segments: Segment[], offset: number): void {
    this.segments = segments;
    this.writtenOffset = offset;
    this.#current = this.segmentAt(offset);
  }

  /**
   * Makes room for `size` bytes in the staging buffer, going to the next file if this one is too short.
   * @returns the physical offset they will have; -1 when the next file could not be created, or writing failed
   */
  prepare(size: number): number {
    if (this.staging.length >= WRITE_AT_BYTES || !this.staging.fits(size + END_FILE_MIN_BLANK_LENGTH))
      this.write();
    if (this.failure) return -1;
    let current = this.#current;
    if (!current) {
      const first = this.appendOffset;
      current = this.#nextSegment(first - (first % this.segmentSize));
      if (!current) return -1;
    }
    const left = current.base + this.segmentSize - this.appendOffset;
    if (size + END_FILE_MIN_BLANK_LENGTH > left) {
      const base = current.base + this.segmentSize;
      // Before the mark is written: a file that ends must have a successor.
      const next = this.#nextSegment(base);
      if (!next) return -1;
      if (left >= END_FILE_MIN_BLANK_LENGTH) this.staging.blank(left, BLANK_MAGIC);
      this.write();
      if (this.failure) return -1;
      this.writtenOffset = base;
      this.#current = next;
    }
    return this.appendOffset;
  }

  /** Writes what is staged. @returns false when the log has failed */
  write(): boolean {
    if (this.failure) return false;
    const { staging } = this;
    const length = staging.length;
    if (length === 0) return true;
    const current = this.#current;
    if (!current) return false;
    let written = 0;
    let cause: unknown;
    this.#warmer?.begin();
    try {
      written = this.#fs.write(current.fd, staging.buffer, 0, length, this.writtenOffset - current.base);
    } catch (error) {
      cause = error;
    }
    if (written !== length) {
      const what = cause === undefined ? `short write of ${written} instead of ${length} bytes` : 'writing';
      this.fail(
        storeError(
          `commit log: ${what} at offset ${this.writtenOffset} of`,
          current.path,
          cause ?? 'disk full?',
        ),
      );
      return false;
    }
    this.writtenOffset += length;
    this.#warmer?.wrote(current.fd, this.writtenOffset - current.base, length, this.segmentSize);
    this.writtenTimestamp = this.stagedTimestamp;
    staging.length = 0;
    if (this.writtenOffset - current.base > this.segmentSize * CREATE_AHEAD) this.#createAhead(current);
    return true;
  }

  /** Stops the log for good. Only the first call counts. */
  fail(error: RocketMQError): void {
    if (this.failure) return;
    this.failure = error;
    this.#onFailure(error);
  }

  /** The segment that holds `offset`, or undefined. */
  segmentAt(offset: number): Segment | undefined {
    const first = this.segments[0];
    if (!first || offset < first.base) return undefined;
    return this.segments[Math.floor((offset - first.base) / this.segmentSize)];
  }

  /**
   * Reads `length` bytes of one file.
   * @returns false when they are not all there: before the first file, across a file's end, or not written yet
   */
  read(offset: number, length: number, target: Buffer, at: number): boolean {
    const segment = this.segmentAt(offset);
    if (!segment || offset + length > this.writtenOffset) return false;
    const position = offset - segment.base;
    if (position + length > this.segmentSize) return false;
    return this.#fs.read(segment.fd, target, at, length, position) === length;
  }

  /** Forgets and deletes the oldest file; its bytes are freed in the background. */
  removeFirst(): void {
    const first = this.segments.shift();
    if (!first) return;
    this.#fs.close(first.fd);
    this.#fs.removeLater(first.path, () => {});
  }

  /** Closes the files; one that was created ahead and never used is removed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#warmer?.stop();
    await this.#creating;
    if (this.#ahead) {
      this.#fs.close(this.#ahead.fd);
      this.#fs.remove(this.#ahead.path);
      this.#ahead = undefined;
    }
    for (const segment of this.segments) this.#fs.close(segment.fd);
    this.segments = [];
    this.#current = undefined;
  }

  #nextSegment(base: number): Segment | undefined {
    let next = this.#ahead;
    this.#ahead = undefined;
    if (next?.base !== base) {
      try {
        next = this.#create(base);
      } catch (error) {
        // The sender is told: its message is refused, and nothing that was stored is touched.
        this.diskFull = isDiskFull(error);
        return undefined;
      }
    }
    this.segments.push(next);
    this.#current ??= next;
    return next;
  }

  #create(base: number): Segment {
    const file = path.join(this.directory, segmentName(base));
    const fd = this.#fs.open(file, 'c+');
    try {
      this.#fs.truncate(fd, this.segmentSize);
      this.#fs.syncDirectory(this.directory);
    } catch (error) {
      this.#fs.close(fd);
      this.#fs.remove(file);
      throw error;
    }
    return new Segment(this.directory, base, fd);
  }

  /** Removes what is left of a file that could not be created; when that fails too, the next attempt takes it over. */
  #discard(file: string): void {
    try {
      this.#fs.remove(file);
    } catch {
      // Nobody waits here, and nothing is lost: the file is empty.
    }
  }

  #createAhead(current: Segment): void {
    const base = current.base + this.segmentSize;
    if (this.#creating || this.#ahead || this.#closed || this.segments.at(-1) !== current) return;
    const file = path.join(this.directory, segmentName(base));
    this.#creating = new Promise((resolve) => {
      this.#fs.createSized(file, this.segmentSize, (error, fd) => {
        this.#creating = undefined;
        const taken = this.segments.some((segment) => segment.base === base);
        // On an error the file is created when it is needed, where the error has somebody to be told to.
        if (error) {
          if (!taken) this.#discard(file);
        } else if (taken) {
          this.#fs.close(fd);
        } else {
          this.#ahead = new Segment(this.directory, base, fd);
        }
        resolve();
      });
    });
  }
}
