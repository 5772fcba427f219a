import { readInt32 } from '@nest-rocketmq/protocol';
import type { BufferPool } from './buffer-pool.ts';
import type { RemotingLimits } from './limits.ts';
import type { PartialBudget } from './partial-budget.ts';

/** The length word and the mark word. */
const HEAD_BYTES = 8;
/** The first byte of a TLS connection, which is none of a frame's length. */
const TLS_HANDSHAKE = 0x16;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * One whole frame of `buffer`: header at `[headerStart, bodyStart)`, body at `[bodyStart, end)`. The buffer is valid only
 * during the call. False stops the reader: what follows is kept until {@link FrameReader.resume}.
 */
export type FrameListener = (
  buffer: Buffer,
  serializeType: number,
  headerStart: number,
  bodyStart: number,
  end: number,
) => boolean;

/** What a {@link FrameReader} shares with the others of its server or client. */
export interface FrameReaderParts {
  readonly limits: Pick<RemotingLimits, 'maxFrameBytes' | 'maxHeaderBytes'>;
  readonly pool: BufferPool;
  readonly partialBudget: PartialBudget;
}

/**
 * Cuts a stream of bytes into RocketMQ's frames (`NettyDecoder`): a length word that counts what follows it, a mark word
 * (serialize type in the top byte, header length below), header, body.
 *
 * Frames that are whole in a chunk are handed out in place. Only what is split is copied, into a carry that grows with the
 * bytes that really arrive, never by the length that the peer claims. Lengths and type are checked as soon as their
 * bytes are there.
 */
export class FrameReader {
  readonly #parts: FrameReaderParts;
  readonly #onFrame: FrameListener;
  #carry: Buffer = EMPTY;
  #from = 0;
  #to = 0;
  #held = false;
  #busy = false;
  #released = false;
  #frames = 0;
  #problem: string | undefined;

  constructor(parts: FrameReaderParts, onFrame: FrameListener) {
    this.#parts = parts;
    this.#onFrame = onFrame;
  }

  /** How many frames have been handed out. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether a frame has begun to arrive and not ended, and not because the listener asked to stop. */
  get partial(): boolean {
    return this.#to > this.#from && !this.#held;
  }

  /**
   * Takes the first `length` bytes of `chunk`, which may be overwritten after the call.
   * @returns what is wrong with the stream, when something is: nothing can be read from it any more
   */
  push(chunk: Buffer, length: number): string | undefined {
    if (this.#problem !== undefined || this.#released) return this.#problem;
    let at = 0;
    this.#busy = true;
    if (this.#to > this.#from && !this.#held) at = this.#complete(chunk, length);
    if (at < length && !this.#held && this.#problem === undefined) at = this.#scan(chunk, at, length);
    if (at < length) this.#keep(chunk, at, length);
    this.#busy = false;
    if (this.#released || this.#problem !== undefined) this.#drop();
    return this.#problem;
  }

  /**
   * Goes on after the listener stopped it, with what has arrived since.
   * @returns as {@link push}
   */
  resume(): string | undefined {
    if (!this.#held || this.#released) return this.#problem;
    this.#held = false;
    this.#busy = true;
    this.#from = this.#scan(this.#carry, this.#from, this.#to);
    this.#busy = false;
    if (this.#from === this.#to || this.#released) {
      this.#drop();
    } else if (this.#from > 0) {
      this.#carry.copyWithin(0, this.#from, this.#to);
      this.#to -= this.#from;
      this.#from = 0;
    }
    return this.#problem;
  }

  /** Gives back its memory (after the listener's call that is under way, if any); whatever arrives later is ignored. */
  release(): void {
    this.#released = true;
    if (!this.#busy) this.#drop();
  }

  /** Hands out the frames that are whole in `[at, end)`; returns where the rest begins. */
  #scan(buffer: Buffer, at: number, end: number): number {
    while (end - at >= HEAD_BYTES) {
      const size = this.#size(buffer, at);
      if (size === 0 || end - at < size) return at;
      const mark = readInt32(buffer, at + 4);
      const header = at + HEAD_BYTES;
      at += size;
      this.#frames++;
      if (!this.#onFrame(buffer, mark >>> 24, header, header + (mark & 0xffffff), at)) {
        this.#held = true;
        return at;
      }
    }
    if (end - at >= 4) this.#checkLength(readInt32(buffer, at));
    return at;
  }

  /** Adds to the carry what its frame lacks, and hands it out when it is whole; returns what it took of the chunk. */
  #complete(chunk: Buffer, length: number): number {
    let at = 0;
    const lacking = HEAD_BYTES - this.#to;
    if (lacking > 0) {
      at = Math.min(lacking, length);
      this.#keep(chunk, 0, at);
      if (this.#to < HEAD_BYTES) {
        if (this.#to >= 4) this.#checkLength(readInt32(this.#carry, 0));
        return at;
      }
    }
    const size = this.#size(this.#carry, 0);
    if (size === 0) return at;
    const end = Math.min(length, at + size - this.#to);
    if (end > at) this.#keep(chunk, at, end, size);
    if (this.#to === size && this.#problem === undefined) {
      this.#scan(this.#carry, 0, size);
      this.#drop();
    }
    return end;
  }

  #checkLength(length: number): boolean {
    if (length >= 4 && length <= this.#parts.limits.maxFrameBytes - 4) return true;
    this.#problem =
      length >>> 24 === TLS_HANDSHAKE
        ? 'a TLS handshake, which is not taken here: there is no certificate (tls.config.file), or TLS is disabled'
        : `a frame of length ${length}, where 4 to ${this.#parts.limits.maxFrameBytes - 4} are allowed`;
    return false;
  }

  /** The size of the frame whose head is at `at`; 0 when the head is wrong. */
  #size(buffer: Buffer, at: number): number {
    const length = readInt32(buffer, at);
    if (!this.#checkLength(length)) return 0;
    const mark = readInt32(buffer, at + 4);
    const headerLength = mark & 0xffffff;
    if (mark >>> 24 > 1) {
      this.#problem = `a frame of serialize type ${mark >>> 24}, which is neither JSON (0) nor ROCKETMQ (1)`;
    } else if (headerLength > length - 4) {
      this.#problem = `a header of ${headerLength} bytes in a frame of length ${length}`;
    } else if (headerLength > this.#parts.limits.maxHeaderBytes) {
      this.#problem = `a header of ${headerLength} bytes, where ${this.#parts.limits.maxHeaderBytes} are allowed`;
    } else {
      return length + 4;
    }
    return 0;
  }

  /** Copies `[start, end)` behind the carry; `most` is what the carry will ever need to hold, where it is known. */
  #keep(chunk: Buffer, start: number, end: number, most = Infinity): void {
    if (this.#released || this.#problem !== undefined) return;
    const needed = this.#to + end - start;
    if (needed > this.#carry.length) {
      const { pool, partialBudget } = this.#parts;
      // Twice as much each time, so that the copying stays linear.
      const size = Math.max(needed, Math.min(this.#carry.length * 2, most));
      const grown = pool.take(size);
      if (!partialBudget.take(grown.length - this.#carry.length)) {
        pool.give(grown);
        this.#problem = 'frames that arrived in part take all the memory allowed for them';
        return;
      }
      this.#carry.copy(grown, 0, 0, this.#to);
      if (this.#carry.length > 0) pool.give(this.#carry);
      this.#carry = grown;
    }
    chunk.copy(this.#carry, this.#to, start, end);
    this.#to = needed;
  }

  #drop(): void {
    if (this.#carry.length > 0) {
      this.#parts.partialBudget.take(-this.#carry.length);
      this.#parts.pool.give(this.#carry);
      this.#carry = EMPTY;
    }
    this.#from = this.#to = 0;
  }
}
