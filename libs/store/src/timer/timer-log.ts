import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { Segment, segmentName, segmentOffset } from '../files/segment.ts';
import { storeError } from '../store-error.ts';
import { TIMER_BLANK_MAGIC, TIMER_MIN_BLANK, TIMER_UNIT_SIZE, TimerUnit } from './timer-unit.ts';

const STAGING_BYTES = 64 * 1024;
const WINDOW_BYTES = 16 * 1024;
const SCAN_BYTES = 1024 * 1024;

/**
 * The log of timers (TimerLog): an entry for every delayed message, in the order they came; the entries of one slot are
 * chained backwards. Nothing is on the disk before the first timer.
 */
export class TimerLog {
  readonly directory: string;
  readonly fileSize: number;
  readonly #fs: FileSystem;
  /** Ascending, without holes. */
  #segments: Segment[] = [];
  /** Everything before it is in the files. */
  #written = 0;
  readonly #staging = Buffer.allocUnsafeSlow(STAGING_BYTES);
  #staged = 0;
  /** The piece of the log that was read last. */
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #windowStart = 0;
  #windowEnd = 0;

  constructor(directory: string, fileSize: number, fs: FileSystem) {
    this.directory = directory;
    this.fileSize = fileSize;
    this.#fs = fs;
  }

  /**
   * Opens the files. Where the entries end is for {@link recover} to find.
   * @throws RocketMQError `STORE` when a file has a wrong size or is missing
   */
  load(): void {
    const bases = this.#fs
      .list(this.directory)
      .flatMap((name) => segmentOffset(name) ?? [])
      .sort((a, b) => a - b);
    for (const base of bases) {
      const file = path.join(this.directory, segmentName(base));
      const last = this.#segments.at(-1);
      const size = this.#fs.status(file)?.size ?? 0;
      if (size !== this.fileSize)
        throw storeError(
          `timer log: mappedFileSizeTimerLog is ${this.fileSize}, not the size of`,
          file,
          size,
        );
      if (last && last.base + this.fileSize !== base)
        throw storeError('timer log: a file is missing before', file, `the one before it is ${last.path}`);
      this.#segments.push(new Segment(this.directory, base, this.#fs.open(file, 'r+')));
    }
    this.#written = this.begin;
  }

  /** Whether there is a file. */
  get exists(): boolean {
    return this.#segments.length > 0;
  }

  /** Where the oldest file begins. */
  get begin(): number {
    return this.#segments[0]?.base ?? 0;
  }

  /** Where the next entry goes, files' ends aside. */
  get end(): number {
    return this.#written + this.#staged;
  }

  /** Whether everything appended is in the files. */
  get complete(): boolean {
    return this.#staged === 0;
  }

  /**
   * Calls `visit` with every entry from `from` on, which must be where an entry may start, until it returns false or the
   * entries end. @returns where they end
   */
  walk(from: number, visit: (unit: TimerUnit, position: number) => boolean): number {
    const unit = new TimerUnit();
    const chunk = Buffer.allocUnsafe(Math.min(SCAN_BYTES, this.fileSize) + TIMER_UNIT_SIZE);
    let end = from;
    for (const segment of this.#segments) {
      if (segment.base + this.fileSize <= from) continue;
      const finished = this.#walkFile(segment, Math.max(from, segment.base), chunk, unit, (at) => {
        if (!visit(unit, at)) return false;
        end = at + TIMER_UNIT_SIZE;
        return true;
      });
      if (!finished) break;
    }
    return end;
  }

  /** @returns whether the file is full, so that the next one goes on */
  #walkFile(
    segment: Segment,
    from: number,
    chunk: Buffer,
    unit: TimerUnit,
    visit: (at: number) => boolean,
  ): boolean {
    let position = from - segment.base;
    while (position + TIMER_MIN_BLANK <= this.fileSize) {
      const wanted = Math.min(chunk.length, this.fileSize - position);
      const length = this.#fs.read(segment.fd, chunk, 0, wanted, position);
      let at = 0;
      for (; at + TIMER_MIN_BLANK <= length; at += TIMER_UNIT_SIZE) {
        if (chunk.readInt32BE(at + 12) === TIMER_BLANK_MAGIC) return true;
        if (at + TIMER_UNIT_SIZE > length) break;
        if (!unit.read(chunk, at) || !visit(segment.base + position + at)) return false;
      }
      if (at === 0) return false;
      position += at;
    }
    return true;
  }

  /** The position, or, when no entry can start there, the beginning of its file or of the log. */
  entryAt(position: number): number {
    const segment = this.#segmentAt(position);
    if (!segment)
      return position === this.begin + this.#segments.length * this.fileSize ? position : this.begin;
    return (position - segment.base) % TIMER_UNIT_SIZE === 0 ? position : segment.base;
  }

  /** Where the entry before `position`, or the position itself when there is none. */
  before(position: number): number {
    const segment = this.#segmentAt(position);
    if (segment && position > segment.base) return position - TIMER_UNIT_SIZE;
    return position > this.begin ? position - this.fileSize + this.#lastUnit : position;
  }

  /** Takes `end` as the end of the entries and removes what lies behind it, so that it never comes back. */
  truncate(end: number): void {
    this.#windowEnd = 0;
    while ((this.#segments.at(-1)?.base ?? -1) >= Math.max(end, 1)) {
      const dropped = this.#segments.pop();
      if (!dropped) break;
      this.#fs.close(dropped.fd);
      this.#fs.remove(dropped.path);
    }
    const last = this.#segments.at(-1);
    if (last) {
      this.#fs.truncate(last.fd, Math.min(end - last.base, this.fileSize));
      this.#fs.truncate(last.fd, this.fileSize);
    }
    this.#written = last ? end : 0;
    this.#staged = 0;
  }

  /**
   * Puts an entry behind the others; {@link write} puts it into the file. Throws the file system's error, with nothing
   * changed, when the next file can't be created. @returns its position
   */
  append(unit: TimerUnit): number {
    this.#prepare();
    const position = this.end;
    unit.write(this.#staging, this.#staged);
    this.#staged += TIMER_UNIT_SIZE;
    return position;
  }

  /** Writes what was appended. Throws the file system's error; it may be tried again. */
  write(): void {
    if (this.#staged === 0) return;
    const segment = this.#segmentAt(this.#written);
    const position = this.#written - (segment?.base ?? 0);
    const written = segment ? this.#fs.write(segment.fd, this.#staging, 0, this.#staged, position) : 0;
    if (written !== this.#staged) {
      throw Object.assign(new Error(`short write of ${written} bytes to ${segment?.path}`), {
        code: 'ENOSPC',
      });
    }
    this.#written += this.#staged;
    this.#staged = 0;
  }

  /** Reads the written entry at `position`. @returns false when there is none, or its file is deleted */
  read(position: number, unit: TimerUnit): boolean {
    const end = position + TIMER_UNIT_SIZE;
    if (position < this.begin || end > this.#written) return false;
    if (position >= this.#windowStart && end <= this.#windowEnd)
      return unit.read(this.#window, position - this.#windowStart);
    const segment = this.#segmentAt(position);
    if (!segment) return false;
    // Chains lead backwards: what is wanted next lies before.
    const start = Math.max(segment.base, end - WINDOW_BYTES);
    this.#windowEnd = 0;
    if (this.#fs.read(segment.fd, this.#window, 0, end - start, start - segment.base) !== end - start)
      return false;
    this.#windowStart = start;
    this.#windowEnd = end;
    return unit.read(this.#window, position - start);
  }

  /** Deletes files whose messages have all left the commit log, which begins at `minPhysicalOffset`. */
  removeBefore(minPhysicalOffset: number): void {
    const unit = new TimerUnit();
    while (this.#segments.length > 1) {
      const first = this.#segments[0];
      if (!first || !this.read(first.base + this.#lastUnit, unit) || unit.physicalOffset >= minPhysicalOffset)
        return;
      this.#segments.shift();
      this.#windowEnd = 0;
      this.#fs.close(first.fd);
      this.#fs.removeLater(first.path, () => {});
    }
  }

  /** Makes what was written survive a power loss. */
  sync(done: (error: Error | null) => void): void {
    const last = this.#segments.at(-1);
    if (last) this.#fs.fdatasync(last.fd, done);
    else done(null);
  }

  syncNow(): void {
    const last = this.#segments.at(-1);
    if (last) this.#fs.fdatasyncSync(last.fd);
  }

  close(): void {
    for (const segment of this.#segments) this.#fs.close(segment.fd);
    this.#segments = [];
  }

  /** Where in a full file the last entry stands (TimerLog.getOffsetForLastUnit). */
  get #lastUnit(): number {
    return (Math.floor((this.fileSize - TIMER_MIN_BLANK) / TIMER_UNIT_SIZE) - 1) * TIMER_UNIT_SIZE;
  }

  /** Makes room for an entry, in the staging buffer and in the file. */
  #prepare(): void {
    const last = this.#segments.at(-1);
    const left = last ? last.base + this.fileSize - this.end : 0;
    if (last && left >= TIMER_UNIT_SIZE + TIMER_MIN_BLANK) {
      if (this.#staged + TIMER_UNIT_SIZE + TIMER_MIN_BLANK > STAGING_BYTES) this.write();
      return;
    }
    this.write();
    if (last && left >= TIMER_MIN_BLANK) this.#writeBlank(last, left);
    const base = last ? last.base + this.fileSize : 0;
    const segment = this.#create(base);
    if (last) this.#fs.fdatasyncSync(last.fd);
    this.#segments.push(segment);
    this.#written = base;
  }

  #writeBlank(segment: Segment, left: number): void {
    const blank = Buffer.alloc(TIMER_MIN_BLANK);
    blank.writeInt32BE(left, 0);
    blank.writeInt32BE(TIMER_BLANK_MAGIC, 12);
    this.#fs.write(segment.fd, blank, 0, blank.length, this.fileSize - left);
  }

  #create(base: number): Segment {
    const file = path.join(this.directory, segmentName(base));
    this.#fs.makeDirectory(this.directory);
    const fd = this.#fs.open(file, 'w+');
    try {
      this.#fs.truncate(fd, this.fileSize);
      this.#fs.syncDirectory(this.directory);
    } catch (error) {
      this.#fs.close(fd);
      this.#fs.remove(file);
      throw error;
    }
    return new Segment(this.directory, base, fd);
  }

  #segmentAt(position: number): Segment | undefined {
    return this.#segments[Math.floor((position - this.begin) / this.fileSize)];
  }
}
