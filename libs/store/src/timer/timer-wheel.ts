import { readInt64, writeInt64 } from '@nest-rocketmq/protocol';
import type { FileSystem } from '../files/file-system.ts';
import { storeError } from '../store-error.ts';

/** Bytes of a slot (Slot.SIZE). */
const SLOT_BYTES = 32;
const SLOTS_PER_PAGE = 128;
const PAGE_BYTES = SLOTS_PER_PAGE * SLOT_BYTES;
/** 16 MiB of pages stay in memory between two writes; the wheel has 9450. */
const MAX_PAGES = 4096;
const SCAN_PAGES = 64;

/** What the wheel knows of a slot; reused by the next look. */
export interface TimerSlot {
  /** The slot's beginning, in milliseconds. */
  time: number;
  /** Its first and last entry in the timer log. */
  firstPos: number;
  lastPos: number;
  /** How many messages it holds, those that were taken back not counted. */
  num: number;
  magic: number;
}

/**
 * The wheel of slots (TimerWheel): for every slot of `precisionMs`, where its chain of entries ends in the timer log. The
 * file has twice `slotsTotal` slots of 32 bytes; a slot is found by its time, modulo that number, and belongs to another
 * round when it carries another time. Pages are read when they are looked at, and written by {@link write}.
 */
export class TimerWheel {
  readonly precisionMs: number;
  readonly #path: string;
  readonly #slots: number;
  readonly #fs: FileSystem;
  readonly #slot: TimerSlot = { time: 0, firstPos: -1, lastPos: -1, num: 0, magic: 0 };
  readonly #pages = new Map<number, Buffer>();
  readonly #dirty = new Set<number>();
  #fd = -1;

  constructor(file: string, slotsTotal: number, precisionMs: number, fs: FileSystem) {
    this.#path = file;
    this.#slots = slotsTotal * 2;
    this.precisionMs = precisionMs;
    this.#fs = fs;
  }

  /**
   * Opens the file if there is one.
   * @throws RocketMQError `STORE` when it has a wrong size
   */
  load(): void {
    const size = this.#fs.status(this.#path)?.size ?? 0;
    if (size === 0) return;
    if (size !== this.#slots * SLOT_BYTES)
      throw storeError(`timer wheel: ${this.#slots * SLOT_BYTES} bytes is not the size of`, this.#path, size);
    this.#fd = this.#fs.open(this.#path, 'r+');
  }

  /** How much time fits into the wheel, in milliseconds. */
  get span(): number {
    return this.#slots * this.precisionMs;
  }

  /** The slot of a time; undefined when it is empty. */
  get(time: number): TimerSlot | undefined {
    const units = Math.floor(time / this.precisionMs);
    const index = units % this.#slots;
    const page = this.#page(Math.floor(index / SLOTS_PER_PAGE));
    const at = (index % SLOTS_PER_PAGE) * SLOT_BYTES;
    return readInt64(page, at) === units ? this.#read(page, at) : undefined;
  }

  put(time: number, firstPos: number, lastPos: number, num: number, magic: number): void {
    const units = Math.floor(time / this.precisionMs);
    const index = units % this.#slots;
    const number = Math.floor(index / SLOTS_PER_PAGE);
    const page = this.#page(number);
    const at = (index % SLOTS_PER_PAGE) * SLOT_BYTES;
    writeInt64(page, units, at);
    writeInt64(page, firstPos, at + 8);
    writeInt64(page, lastPos, at + 16);
    page.writeInt32BE(num, at + 24);
    page.writeInt32BE(magic, at + 28);
    this.#dirty.add(number);
  }

  /** Puts an entry at the end of the chain of its slot. */
  link(time: number, position: number, change: number): void {
    const slot = this.get(time);
    if (slot) this.put(time, slot.firstPos, position, slot.num + change, slot.magic);
    else this.put(time, position, position, change, 0);
  }

  /** Calls `visit` with every slot that begins at `from` or later, in no order. */
  forEach(from: number, visit: (slot: TimerSlot) => void): void {
    if (this.#fd < 0 && this.#pages.size === 0) return;
    const first = Math.floor(from / this.precisionMs);
    const chunk = Buffer.allocUnsafe(SCAN_PAGES * PAGE_BYTES);
    const pages = Math.ceil(this.#slots / SLOTS_PER_PAGE);
    for (let start = 0; start < pages; start += SCAN_PAGES) {
      const length = Math.min(SCAN_PAGES * PAGE_BYTES, this.#slots * SLOT_BYTES - start * PAGE_BYTES);
      this.#scan(chunk, start, length, (source, at) => {
        const units = readInt64(source, at);
        if (units >= first && units < first + this.#slots) visit(this.#read(source, at));
      });
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages.clear();
    this.#dirty.clear();
    if (this.#fd < 0) return;
    this.#fs.truncate(this.#fd, 0);
    this.#fs.truncate(this.#fd, this.#slots * SLOT_BYTES);
  }

  /** Writes the pages that changed. Throws the file system's error; it may be tried again. */
  write(): void {
    if (this.#dirty.size === 0) return;
    if (this.#fd < 0) this.#create();
    for (const number of this.#dirty) {
      const page = this.#page(number);
      const length = Math.min(PAGE_BYTES, this.#slots * SLOT_BYTES - number * PAGE_BYTES);
      if (this.#fs.write(this.#fd, page, 0, length, number * PAGE_BYTES) !== length)
        throw Object.assign(new Error(`short write to ${this.#path}`), { code: 'ENOSPC' });
      this.#dirty.delete(number);
    }
    if (this.#pages.size > MAX_PAGES) this.#pages.clear();
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

  #create(): void {
    this.#fd = this.#fs.open(this.#path, 'c+');
    this.#fs.truncate(this.#fd, this.#slots * SLOT_BYTES);
  }

  #page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known) return known;
    const page = Buffer.alloc(PAGE_BYTES);
    if (this.#fd >= 0) this.#fs.read(this.#fd, page, 0, PAGE_BYTES, number * PAGE_BYTES);
    this.#pages.set(number, page);
    return page;
  }

  #read(source: Buffer, at: number): TimerSlot {
    const slot = this.#slot;
    slot.time = readInt64(source, at) * this.precisionMs;
    slot.firstPos = readInt64(source, at + 8);
    slot.lastPos = readInt64(source, at + 16);
    slot.num = source.readInt32BE(at + 24);
    slot.magic = source.readInt32BE(at + 28);
    return slot;
  }

  /** Calls `visit` for every slot of the pages from `start` on that was ever used. */
  #scan(chunk: Buffer, start: number, length: number, visit: (source: Buffer, at: number) => void): void {
    if (this.#fd >= 0) this.#fs.read(this.#fd, chunk, 0, length, start * PAGE_BYTES);
    else chunk.fill(0);
    for (let page = 0; page * PAGE_BYTES < length; page++)
      this.#pages.get(start + page)?.copy(chunk, page * PAGE_BYTES);
    for (let at = 0; at < length; at += SLOT_BYTES) {
      // The low half of the time, and of the high half the part that any time has.
      if (chunk.readUInt32BE(at + 4) !== 0 || chunk.readUInt32BE(at) !== 0) visit(chunk, at);
    }
  }
}
