import type { PageCache } from '../files/file-system.ts';

const PAGE_BYTES = 4096;
/** What is taken at once, and how far ahead of the writer: a range that is being read holds up whoever writes there. */
const CHUNK_BYTES = 1024 * 1024;
const LEAD_BYTES = 2 * CHUNK_BYTES;
const AHEAD_BYTES = 8 * CHUNK_BYTES;
/** A page that the machine has costs 1 to 3 us, one that it must get from its host 10 to 20. */
const COLD_US = 5;
/** A write that takes longer than this has waited for something else, a flush for instance. */
const MOST_US = 20;
/** Of shorter writes, the call itself would be measured. */
const LEAST_BYTES = 32 * 1024;
/** How much is written until a change of the machine is believed. */
const MEMORY_BYTES = 1024 * 1024;
/** How much is taken until the writer is let to see again what a page costs without. */
const BOUT_BYTES = 64 * 1024 * 1024;

/**
 * Takes the pages that the log is about to fill from the machine ahead of the writer, where that is slow: a virtual machine
 * whose host gives memory when it is first touched pays 10 us and more for each new page of the page cache, within the
 * write. So do Java's brokers with `warmMapedFileEnable` (DefaultMappedFile.warmMappedFile), for whole files and always; here
 * nothing is done while writes show that pages come fast, since another thread's work is not free either.
 */
export class PageWarmer {
  readonly #cache: PageCache;
  #began = 0;
  /** What a page costs the writer, in us. */
  #cost = 0;
  /** How many bytes are still to be taken ahead before the writer is asked again. */
  #left = 0;
  #busy = false;
  #fd = -1;
  #written = 0;
  #end = 0;
  /** What lies before this position of the file is taken, or too near to the writer. */
  #taken = 0;

  constructor(cache: PageCache) {
    this.#cache = cache;
  }

  /** To be called before a write. */
  begin(): void {
    this.#began = this.#cache.elapsed();
  }

  /**
   * To be called after it: `length` bytes are written to the file `fd`, up to `position`.
   * @param end where the file ends
   */
  wrote(fd: number, position: number, length: number, end: number): void {
    this.#written = position;
    this.#end = end;
    if (fd !== this.#fd) {
      this.#fd = fd;
      this.#taken = 0;
    }
    if (this.#left === 0) {
      if (length < LEAST_BYTES) return;
      const cost = Math.min(MOST_US, perPage(this.#cache.elapsed() - this.#began, length));
      this.#cost += (cost - this.#cost) * Math.min(1, length / MEMORY_BYTES);
      if (this.#cost <= COLD_US) return;
      this.#cost = 0;
      this.#left = BOUT_BYTES;
    }
    this.#takeNext();
  }

  /** Takes nothing more; what is under way goes on. */
  stop(): void {
    this.#left = 0;
  }

  #takeNext(): void {
    if (this.#busy || this.#left === 0) return;
    if (this.#taken < this.#written + LEAD_BYTES / 2) this.#taken = this.#written + LEAD_BYTES;
    const position = this.#taken;
    if (position - this.#written > AHEAD_BYTES || position + CHUNK_BYTES > this.#end) return;
    this.#taken += CHUNK_BYTES;
    this.#left -= CHUNK_BYTES;
    this.#busy = true;
    this.#cache.populate(this.#fd, position, CHUNK_BYTES, () => {
      this.#busy = false;
      this.#takeNext();
    });
  }
}

/** What a page costs, in us, when `length` bytes took so many ms. */
function perPage(elapsedMs: number, length: number): number {
  return (elapsedMs * 1000 * PAGE_BYTES) / length;
}
