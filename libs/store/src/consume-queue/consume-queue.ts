import path from 'node:path';
import { readInt64, writeInt32, writeInt64 } from '@nest-rocketmq/protocol';
import type { FileSystem } from '../files/file-system.ts';
import type { OpenFiles } from '../files/open-files.ts';
import { segmentName } from '../files/segment.ts';

/** Bytes of one entry: physical offset 8, record size 4, tags code 8 (ConsumeQueue.CQ_STORE_UNIT_SIZE). */
export const CQ_STORE_UNIT_SIZE = 20;
/** From here on a queue's new entries are written at the next commit. */
export const FULL_UNITS = 200;
/** What is kept in memory of the entries that are in the file already. */
const KEPT_UNITS = 100;
const FIRST_TAIL_UNITS = 8;
/** The size that RocketMQ gives to the entries before the first one of a queue that starts in the middle of a file. */
export const PRE_BLANK_SIZE = 0x7fffffff;

/** What the queues of one store share. */
export interface QueueEnvironment {
  readonly fs: FileSystem;
  readonly files: OpenFiles;
  /** Bytes of one file. */
  readonly fileSize: number;
  /** Bytes of all tails in memory. */
  tailBytes: number;
  /** Files written since they were last made durable. */
  unsynced: Set<string>;
  readonly tailBudget: number;
}

/**
 * One message queue's index into the commit log: entries of 20 bytes in files of one size, the n-th entry being the
 * message of logical offset n. New entries are gathered in memory and written in groups; after a crash they are built
 * again from the log, so a lost one costs nothing.
 *
 * Offsets here are logical: entries, not bytes.
 */
export class ConsumeQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly directory: string;
  /** The logical offset of the next message. */
  nextOffset = 0;
  /** Readers see what is below. */
  readable = 0;
  /** The first message that is still there. */
  minOffset = 0;
  /** Entries below are in the files. */
  writtenOffset = 0;
  /** The end, in the commit log, of the newest record that has an entry; -1 without one. */
  maxPhysicalEnd = -1;
  /** The store timestamp of the oldest entry that is not in the files; 0 when all are. */
  dirtySince = 0;
  /** Byte offset of the first file; -1: there is none. */
  firstFile = -1;
  /** Byte offset of the newest file; -1: there is none. */
  lastFile = -1;
  /** The path asked for last: most reads of a queue go to one file. */
  #path = '';
  #pathBase = -1;
  readonly #env: QueueEnvironment;
  #tail: Buffer | undefined;
  /** The logical offset of the tail's first entry. */
  #tailStart = 0;

  constructor(topic: string, queueId: number, directory: string, env: QueueEnvironment) {
    this.topic = topic;
    this.queueId = queueId;
    this.directory = directory;
    this.#env = env;
  }

  /** Sets where the queue begins and ends, as its files or the log tell. */
  position(min: number, next: number): void {
    this.#dropTail();
    this.minOffset = min;
    this.nextOffset = this.readable = this.writtenOffset = this.#tailStart = next;
    this.dirtySince = 0;
  }

  /** Adds the entry of logical offset {@link nextOffset}; it is not readable yet. */
  append(physicalOffset: number, size: number, tagsCode: number, storeTimestamp: number): void {
    let tail = this.#tail;
    let at = (this.nextOffset - this.#tailStart) * CQ_STORE_UNIT_SIZE;
    if (!tail || at === tail.length) {
      tail = this.#grow(tail);
      at = (this.nextOffset - this.#tailStart) * CQ_STORE_UNIT_SIZE;
    }
    writeInt64(tail, physicalOffset, at);
    writeInt32(tail, size, at + 8);
    writeInt64(tail, tagsCode, at + 12);
    if (this.dirtySince === 0) this.dirtySince = storeTimestamp;
    this.nextOffset++;
    if (!isPreBlank(physicalOffset, size)) this.maxPhysicalEnd = physicalOffset + size;
  }

  get unwritten(): number {
    return this.nextOffset - this.writtenOffset;
  }

  /**
   * Copies up to `count` entries from `offset` on.
   * @returns how many there were; 0 when the file is not there
   */
  read(offset: number, count: number, target: Buffer): number {
    const wanted = Math.min(count, this.nextOffset - offset);
    if (wanted <= 0 || offset < 0) return 0;
    let done = 0;
    while (done < wanted && offset + done < this.#tailStart) {
      const read = this.#readFile(
        offset + done,
        Math.min(wanted - done, this.#tailStart - offset - done),
        target,
        done,
      );
      if (read === 0) return done;
      done += read;
    }
    if (done < wanted && this.#tail) {
      const from = (offset + done - this.#tailStart) * CQ_STORE_UNIT_SIZE;
      this.#tail.copy(target, done * CQ_STORE_UNIT_SIZE, from, from + (wanted - done) * CQ_STORE_UNIT_SIZE);
      done = wanted;
    }
    return done;
  }

  /** Writes the new entries to the files. Throws the file system's error; then nothing has changed, and it can be repeated. */
  write(): void {
    const tail = this.#tail;
    const { fileSize, fs } = this.#env;
    while (tail && this.writtenOffset < this.nextOffset) {
      const position = this.writtenOffset * CQ_STORE_UNIT_SIZE;
      const base = position - (position % fileSize);
      const end = Math.min(this.nextOffset * CQ_STORE_UNIT_SIZE, base + fileSize);
      const at = position - this.#tailStart * CQ_STORE_UNIT_SIZE;
      const written = fs.write(
        this.#fileForWriting(base, position),
        tail,
        at,
        end - position,
        position - base,
      );
      if (written !== end - position) {
        throw Object.assign(new Error(`short write of ${written} bytes, the disk is full`), {
          code: 'ENOSPC',
        });
      }
      this.writtenOffset = end / CQ_STORE_UNIT_SIZE;
    }
    this.dirtySince = 0;
    if (this.#env.tailBytes > this.#env.tailBudget) this.#dropTail();
    else this.#shrink();
  }

  /** Forgets the entries of records that end behind `physicalOffset`. */
  truncate(physicalOffset: number): void {
    const unit = Buffer.allocUnsafe(CQ_STORE_UNIT_SIZE);
    let low =
      this.firstFile < 0 ? this.nextOffset : Math.max(this.minOffset, this.firstFile / CQ_STORE_UNIT_SIZE);
    let high = this.nextOffset;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.read(middle, 1, unit) === 1 && endOf(unit) <= physicalOffset) low = middle + 1;
      else high = middle;
    }
    if (low < this.nextOffset) this.endAt(low);
  }

  /** Makes `next` the next logical offset, and removes what the files hold from there on. */
  endAt(next: number): void {
    const { fs, files, fileSize } = this.#env;
    const end = next * CQ_STORE_UNIT_SIZE;
    while (this.lastFile >= 0 && this.lastFile >= end) {
      const file = this.filePath(this.lastFile);
      files.close(file);
      fs.remove(file);
      this.lastFile = this.lastFile > this.firstFile ? this.lastFile - fileSize : -1;
      if (this.lastFile < 0) this.firstFile = -1;
    }
    if (this.lastFile >= 0 && end < this.lastFile + fileSize) {
      const fd = files.get(this.filePath(this.lastFile));
      // Cut and extended again: the rest reads as zeros, which no reader takes for an entry.
      fs.truncate(fd, end - this.lastFile);
      fs.truncate(fd, fileSize);
    }
    this.position(Math.min(this.minOffset, next), next);
    const unit = Buffer.allocUnsafe(CQ_STORE_UNIT_SIZE);
    this.maxPhysicalEnd = next > this.minOffset && this.read(next - 1, 1, unit) === 1 ? endOf(unit) : -1;
  }

  filePath(base: number): string {
    if (base !== this.#pathBase) {
      this.#path = path.join(this.directory, segmentName(base));
      this.#pathBase = base;
    }
    return this.#path;
  }

  /** Removes the files before the one that holds `offset`; the last one stays. */
  removeFilesBefore(offset: number): void {
    const { fs, files, fileSize } = this.#env;
    while (
      this.firstFile >= 0 &&
      this.firstFile < this.lastFile &&
      this.firstFile + fileSize <= offset * CQ_STORE_UNIT_SIZE
    ) {
      const file = this.filePath(this.firstFile);
      files.close(file);
      fs.removeLater(file, () => {});
      this.firstFile += fileSize;
    }
  }

  /** Forgets the memory and closes the files. */
  release(): void {
    this.#dropTail();
    for (let base = this.firstFile; base >= 0 && base <= this.lastFile; base += this.#env.fileSize) {
      this.#env.files.close(this.filePath(base));
    }
  }

  #readFile(offset: number, count: number, target: Buffer, done: number): number {
    const { fileSize, fs, files } = this.#env;
    const position = offset * CQ_STORE_UNIT_SIZE;
    const base = position - (position % fileSize);
    if (this.firstFile < 0 || base < this.firstFile || base > this.lastFile) return 0;
    const length = Math.min(count * CQ_STORE_UNIT_SIZE, base + fileSize - position);
    const fd = files.get(this.filePath(base));
    const read = fs.read(fd, target, done * CQ_STORE_UNIT_SIZE, length, position - base);
    return Math.floor(read / CQ_STORE_UNIT_SIZE);
  }

  #fileForWriting(base: number, position: number): number {
    const { fs, files, fileSize } = this.#env;
    const file = this.filePath(base);
    this.#env.unsynced.add(file);
    if (base <= this.lastFile && this.firstFile >= 0) return files.get(file);
    if (this.lastFile < 0) fs.makeDirectory(this.directory);
    const fd = fs.open(file, 'c+');
    try {
      fs.truncate(fd, fileSize);
      if (this.lastFile < 0 && position > base) this.#preBlank(fd, position - base);
    } catch (error) {
      fs.close(fd);
      fs.remove(file);
      throw error;
    }
    files.add(file, fd);
    if (this.firstFile < 0) this.firstFile = base;
    this.lastFile = base;
    return fd;
  }

  #preBlank(fd: number, bytes: number): void {
    const blank = Buffer.alloc(Math.min(bytes, 3000 * CQ_STORE_UNIT_SIZE));
    for (let at = 8; at < blank.length; at += CQ_STORE_UNIT_SIZE) blank.writeInt32BE(PRE_BLANK_SIZE, at);
    for (let at = 0; at < bytes; at += blank.length) {
      this.#env.fs.write(fd, blank, 0, Math.min(blank.length, bytes - at), at);
    }
  }

  #grow(tail: Buffer | undefined): Buffer {
    if (!tail) {
      this.#tailStart = this.nextOffset;
      this.#tail = Buffer.allocUnsafe(FIRST_TAIL_UNITS * CQ_STORE_UNIT_SIZE);
      this.#env.tailBytes += this.#tail.length;
      return this.#tail;
    }
    const grown = Buffer.allocUnsafe(tail.length * 2);
    tail.copy(grown);
    this.#env.tailBytes += tail.length;
    this.#tail = grown;
    return grown;
  }

  #shrink(): void {
    const tail = this.#tail;
    const drop = this.nextOffset - KEPT_UNITS - this.#tailStart;
    if (!tail || drop < KEPT_UNITS) return;
    tail.copyWithin(0, drop * CQ_STORE_UNIT_SIZE, (this.nextOffset - this.#tailStart) * CQ_STORE_UNIT_SIZE);
    this.#tailStart += drop;
  }

  #dropTail(): void {
    if (!this.#tail) return;
    this.#env.tailBytes -= this.#tail.length;
    this.#tail = undefined;
    this.#tailStart = this.nextOffset;
  }
}

function endOf(unit: Buffer): number {
  const offset = readInt64(unit, 0);
  const size = unit.readInt32BE(8);
  return isPreBlank(offset, size) ? -1 : offset + size;
}

/** True for the filling that RocketMQ puts before the first entry of a queue that starts in the middle of a file. */
export function isPreBlank(physicalOffset: number, size: number): boolean {
  return physicalOffset === 0 && size === PRE_BLANK_SIZE;
}
