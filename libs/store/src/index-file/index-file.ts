import { readInt32, readInt64, writeInt32, writeInt64 } from '@nest-rocketmq/protocol';
import type { FileSystem } from '../files/file-system.ts';
import { HASH_SLOT_SIZE, INDEX_HEADER_SIZE, INDEX_SIZE, keyHashOf, timeDifference } from './index-layout.ts';
import { repairSlots } from './repair-slots.ts';

const PAGE = 4096;
const ENTRY_BUFFER = 3200 * INDEX_SIZE;

/** Sizes of the index files of a store. */
export interface IndexShape {
  hashSlotNum: number;
  indexNum: number;
}

/**
 * One index file: a hash table from keys to places in the commit log, each slot the newest of a chain of entries.
 *
 * The file that is being filled keeps its slots in memory, page by page as they are needed, and its newest entries in a
 * buffer. Entries go to the disk in sequence; slots and then the header only in {@link writeSlots} and
 * {@link writeHeader}, so that a header on the disk speaks of entries and slots that are there.
 */
export class IndexFile {
  readonly path: string;
  readonly fd: number;
  beginTimestamp = 0;
  endTimestamp = 0;
  beginPhyOffset = 0;
  endPhyOffset = 0;
  hashSlotCount = 0;
  /** The next entry; entry 0 is never used. */
  indexCount = 1;
  readonly #fs: FileSystem;
  readonly #shape: IndexShape;
  readonly #entries = Buffer.allocUnsafeSlow(ENTRY_BUFFER);
  /** The first entry that is not in the file. */
  #written = 1;
  #slots: Buffer | undefined;
  #loaded: Uint8Array | undefined;
  #dirty: Uint8Array | undefined;
  #dirtyPages = 0;
  #changed = false;

  constructor(path: string, fd: number, shape: IndexShape, fs: FileSystem) {
    this.path = path;
    this.fd = fd;
    this.#shape = shape;
    this.#fs = fs;
  }

  static sizeOf(shape: IndexShape): number {
    return INDEX_HEADER_SIZE + shape.hashSlotNum * HASH_SLOT_SIZE + shape.indexNum * INDEX_SIZE;
  }

  /** Reads the header. @returns false when it is none */
  load(): boolean {
    const header = Buffer.alloc(INDEX_HEADER_SIZE);
    if (this.#fs.read(this.fd, header, 0, INDEX_HEADER_SIZE, 0) !== INDEX_HEADER_SIZE) return false;
    this.beginTimestamp = readInt64(header, 0);
    this.endTimestamp = readInt64(header, 8);
    this.beginPhyOffset = readInt64(header, 16);
    this.endPhyOffset = readInt64(header, 24);
    this.hashSlotCount = header.readInt32BE(32);
    this.indexCount = Math.max(1, header.readInt32BE(36));
    this.#written = this.indexCount;
    return this.indexCount <= this.#shape.indexNum && this.endPhyOffset >= 0 && this.beginPhyOffset >= 0;
  }

  /** To be called after a crash; see {@link repairSlots}. A file that its header calls full has not changed since. */
  repair(): void {
    if (!this.full) repairSlots(this.fd, this.indexCount, this.#shape, this.#fs);
  }

  /** The log ends at `end`; durably, what the header says of records behind it is taken back. */
  endAt(end: number): void {
    if (this.endPhyOffset <= end) return;
    this.endPhyOffset = end;
    this.#write(this.header(), 0, INDEX_HEADER_SIZE, 0);
    this.#fs.fdatasyncSync(this.fd);
  }

  get full(): boolean {
    return this.indexCount >= this.#shape.indexNum;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** What will be written: entries and changed pages. */
  get pendingBytes(): number {
    return (this.indexCount - this.#written) * INDEX_SIZE + this.#dirtyPages * PAGE;
  }

  /** Adds an entry for a key of this Java hash; the file must not be {@link full}. */
  put(hash: number, physicalOffset: number, storeTimestamp: number): void {
    // Before anything changes: when it throws, the file is as it was.
    if ((this.indexCount - this.#written + 1) * INDEX_SIZE > ENTRY_BUFFER) this.writeEntries();
    const keyHash = keyHashOf(hash);
    const slotAt = (keyHash % this.#shape.hashSlotNum) * HASH_SLOT_SIZE;
    const slots = this.#touch(slotAt);
    let previous = readInt32(slots, slotAt);
    if (previous <= 0 || previous > this.indexCount) previous = 0;
    if (this.indexCount <= 1) {
      this.beginPhyOffset = physicalOffset;
      this.beginTimestamp = storeTimestamp;
    }
    const entries = this.#entries;
    const at = (this.indexCount - this.#written) * INDEX_SIZE;
    writeInt32(entries, keyHash, at);
    writeInt64(entries, physicalOffset, at + 4);
    writeInt32(entries, timeDifference(storeTimestamp, this.beginTimestamp), at + 12);
    writeInt32(entries, previous, at + 16);
    writeInt32(slots, this.indexCount, slotAt);
    if (previous === 0) this.hashSlotCount++;
    this.indexCount++;
    this.endPhyOffset = physicalOffset;
    this.endTimestamp = storeTimestamp;
    this.#changed = true;
  }

  /** The newest entry of a key's slot, 0 without one. */
  newest(keyHash: number): number {
    const slotAt = (keyHash % this.#shape.hashSlotNum) * HASH_SLOT_SIZE;
    if (this.#slots && this.#loaded?.[slotAt >>> 12] === 1)
      return this.#begin(this.#slots.readInt32BE(slotAt));
    const slot = Buffer.alloc(HASH_SLOT_SIZE);
    this.#fs.read(this.fd, slot, 0, HASH_SLOT_SIZE, INDEX_HEADER_SIZE + slotAt);
    return this.#begin(slot.readInt32BE(0));
  }

  /** Copies an entry into `target`. @returns false when there is none of this number */
  entry(number: number, target: Buffer): boolean {
    if (number <= 0 || number >= this.indexCount) return false;
    if (number >= this.#written) {
      const at = (number - this.#written) * INDEX_SIZE;
      this.#entries.copy(target, 0, at, at + INDEX_SIZE);
      return true;
    }
    return this.#fs.read(this.fd, target, 0, INDEX_SIZE, this.#entryPosition(number)) === INDEX_SIZE;
  }

  /** Writes the gathered entries. Throws the file system's error. */
  writeEntries(): void {
    const count = this.indexCount - this.#written;
    if (count === 0) return;
    this.#write(this.#entries, 0, count * INDEX_SIZE, this.#entryPosition(this.#written));
    this.#written = this.indexCount;
  }

  /** Writes the changed pages of the slot table, neighbours together. */
  writeSlots(): void {
    const slots = this.#slots;
    const dirty = this.#dirty;
    if (!slots || !dirty) return;
    for (let page = 0; page < dirty.length; page++) {
      if (dirty[page] === 0) continue;
      const first = page;
      while (page < dirty.length && dirty[page] === 1) page++;
      const start = first * PAGE;
      this.#write(slots, start, Math.min(page * PAGE, slots.length) - start, INDEX_HEADER_SIZE + start);
    }
    dirty.fill(0);
    this.#dirtyPages = 0;
  }

  /** The header as it is now: taken before the slots are written, and written after them. */
  header(): Buffer {
    const header = Buffer.alloc(INDEX_HEADER_SIZE);
    writeInt64(header, this.beginTimestamp, 0);
    writeInt64(header, this.endTimestamp, 8);
    writeInt64(header, this.beginPhyOffset, 16);
    writeInt64(header, this.endPhyOffset, 24);
    header.writeInt32BE(this.hashSlotCount, 32);
    header.writeInt32BE(this.indexCount, 36);
    return header;
  }

  writeHeader(header: Buffer): void {
    this.#write(header, 0, header.length, 0);
    this.#changed = header.readInt32BE(36) !== this.indexCount;
  }

  /**
   * Writes all and gives the slot table's memory back: the file is full. The header stays to be written once more, when
   * all is durable.
   */
  finish(): void {
    this.writeEntries();
    this.writeSlots();
    this.#slots = this.#loaded = this.#dirty = undefined;
  }

  /** The entry a slot begins with; a damaged one begins with none. */
  #begin(slot: number): number {
    return slot > 0 && slot < this.indexCount ? slot : 0;
  }

  #entryPosition(number: number): number {
    return INDEX_HEADER_SIZE + this.#shape.hashSlotNum * HASH_SLOT_SIZE + number * INDEX_SIZE;
  }

  #write(source: Buffer, at: number, length: number, position: number): void {
    const written = this.#fs.write(this.fd, source, at, length, position);
    if (written !== length) {
      throw Object.assign(new Error(`short write of ${written} bytes, the disk is full`), { code: 'ENOSPC' });
    }
  }

  /** Makes sure that the slot's page is in memory, and marks it changed. */
  #touch(slotAt: number): Buffer {
    const bytes = this.#shape.hashSlotNum * HASH_SLOT_SIZE;
    if (!this.#slots || !this.#loaded || !this.#dirty) {
      // Zeroed memory costs nothing until it is touched: a quiet store's table stays small.
      this.#slots = Buffer.alloc(bytes);
      this.#loaded = new Uint8Array(Math.ceil(bytes / PAGE));
      this.#dirty = new Uint8Array(Math.ceil(bytes / PAGE));
    }
    const page = slotAt >>> 12;
    if (this.#loaded[page] === 0) {
      const start = page * PAGE;
      if (this.#written > 1) this.#loadPage(this.#slots, start, Math.min(PAGE, bytes - start));
      this.#loaded[page] = 1;
    }
    if (this.#dirty[page] === 0) {
      this.#dirty[page] = 1;
      this.#dirtyPages++;
    }
    return this.#slots;
  }

  #loadPage(slots: Buffer, start: number, length: number): void {
    this.#fs.read(this.fd, slots, start, length, INDEX_HEADER_SIZE + start);
    for (let at = start; at < start + length; at += HASH_SLOT_SIZE) {
      writeInt32(slots, this.#begin(readInt32(slots, at)), at);
    }
  }
}
