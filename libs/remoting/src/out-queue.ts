import type { Socket } from 'node:net';
import { CHUNK_BYTES, type BufferHome, type BufferPool } from './buffer-pool.ts';
import type { Flushable, Tick } from './tick.ts';

const EMPTY = Buffer.alloc(0);
/** What is handed to the socket at once, so that a slow reader's progress shows before all of it is gone. */
const BATCH_BYTES = 1024 * 1024;
/** A frame of its own is queued as it is from this size on, rather than copied. */
const OWN_CHUNK_BYTES = 16 * 1024;

interface Chunk {
  buffer: Buffer;
  start: number;
  end: number;
  /** Where it goes back to when it is written; undefined of a frame that nobody has another use for. */
  home: BufferHome | undefined;
}

/** What the queue tells its connection. */
export interface OutQueueOwner {
  /** Some of what was queued has been taken by the socket, or has just been handed to it. */
  onFlushed(): void;
  /** More than the limit was queued. Everything is dropped already. */
  onOverflow(): void;
}

/**
 * The bytes a connection has to write. They are put together in one buffer from the pool and leave with the tick, in one
 * write; a connection that has nothing to say holds no buffer. What the socket doesn't take at once stays here, in order,
 * until it does, and nothing that was queued since the last tick leaves before the next.
 */
export class OutQueue implements Flushable {
  /** The buffer in which there is room; see {@link reserve}. */
  buffer: Buffer = EMPTY;
  readonly #socket: Socket;
  readonly #tick: Tick;
  readonly #pool: BufferPool;
  readonly #owner: OutQueueOwner;
  readonly #limit: number;
  readonly #written = (error?: Error | null): void => {
    if (!error) this.#onWritten();
  };
  #used = 0;
  /** Full buffers before `buffer`; the first `#released` of them have been through a tick. */
  #sealed: Chunk[] = [];
  #sealedBytes = 0;
  #released = 0;
  /** What the socket was handed and has not taken. */
  #lent: Pick<Chunk, 'buffer' | 'home'>[] = [];
  #inSocket = 0;
  #progress = 0;
  #dirty = false;
  #discarding = false;
  #overflowed = false;

  constructor(socket: Socket, tick: Tick, pool: BufferPool, owner: OutQueueOwner, limit: number) {
    this.#socket = socket;
    this.#tick = tick;
    this.#pool = pool;
    this.#owner = owner;
    this.#limit = limit;
  }

  /** Bytes that wait here and in the socket, in this process's memory. */
  get queuedBytes(): number {
    return this.#discarding ? 0 : this.#used + this.#sealedBytes + this.#inSocket;
  }

  /** Bytes that the socket was given and has not taken. */
  get inSocket(): number {
    return this.#inSocket;
  }

  /** Grows whenever the socket takes something. */
  get progress(): number {
    return this.#progress;
  }

  /** Makes room for `size` bytes and returns where in {@link buffer} they go. Write them before the next call. */
  reserve(size: number): number {
    const at = this.#used;
    if (at + size > this.buffer.length) return this.#reserveMore(size);
    this.#used = at + size;
    if (!this.#dirty) this.#mark();
    return at;
  }

  /** Queues a copy of `bytes[start, end)`. */
  write(bytes: Buffer, start: number, end: number): void {
    const at = this.reserve(end - start);
    bytes.copy(this.buffer, at, start, end);
  }

  /**
   * Queues bytes that nobody changes until they are given back to `home`: many are not copied. Without a home nobody ever
   * does. What is discarded while the socket has it is not given back.
   */
  append(frame: Buffer, home?: BufferHome): void {
    if (frame.length < OWN_CHUNK_BYTES) {
      this.write(frame, 0, frame.length);
      home?.give(frame);
      return;
    }
    if (this.#discarding) {
      home?.give(frame);
      return;
    }
    this.#seal();
    this.#sealed.push({ buffer: frame, start: 0, end: frame.length, home });
    this.#sealedBytes += frame.length;
    if (!this.#dirty) this.#mark();
    this.#checkLimit();
  }

  /** Where the queue stands, to come back to by {@link rollback} within the same turn. */
  get position(): number {
    return this.#sealedBytes + this.#used;
  }

  /** Takes back what was queued since {@link position} was read. */
  rollback(position: number): void {
    if (this.#discarding) return;
    let excess = this.#sealedBytes + this.#used - position;
    const here = Math.min(excess, this.#used);
    this.#used -= here;
    excess -= here;
    while (excess > 0) {
      const last = this.#sealed.at(-1);
      if (last === undefined || this.#sealed.length <= this.#released) {
        throw new RangeError('What has left the queue cannot be taken back');
      }
      const taken = Math.min(excess, last.end - last.start);
      last.end -= taken;
      this.#sealedBytes -= taken;
      excess -= taken;
      if (last.end > last.start) continue;
      this.#sealed.pop();
      this.#giveBack(last);
    }
  }

  /** Called by the tick: what is queued by now may leave, and does as far as the socket takes it. */
  flush(): void {
    this.#dirty = false;
    if (this.#overflowed) {
      this.#overflowed = false;
      this.#owner.onOverflow();
    }
    if (this.#discarding) return;
    if (this.#inSocket === 0 && this.#sealed.length === 0) {
      if (this.#used > 0) this.#writeBuffer();
    } else {
      this.#seal();
      this.#released = this.#sealed.length;
      this.#drain();
    }
    this.#owner.onFlushed();
  }

  /** Forgets everything; what is queued afterwards goes nowhere. */
  discard(): void {
    if (this.#discarding) return;
    this.#discarding = true;
    for (const chunk of this.#sealed) this.#giveBack(chunk);
    if (this.buffer.length > 0) this.#pool.give(this.buffer);
    // Buffers that the socket still holds are not the pool's to have.
    this.#lent = [];
    this.#sealed = [];
    this.#sealedBytes = this.#inSocket = this.#released = 0;
    this.buffer = EMPTY;
    // Nothing fits from now on, so that every reservation comes to the slow path, which knows.
    this.#used = Number.MAX_SAFE_INTEGER;
  }

  #mark(): void {
    this.#dirty = true;
    this.#tick.add(this);
  }

  #reserveMore(size: number): number {
    if (this.#discarding) {
      // The writer need not know that nobody listens any more.
      if (this.buffer.length < size) this.buffer = Buffer.allocUnsafeSlow(size);
      return 0;
    }
    const used = this.#used;
    if (used > 0 && used + size <= CHUNK_BYTES) {
      const grown = this.#pool.take(used + size);
      this.buffer.copy(grown, 0, 0, used);
      this.#pool.give(this.buffer);
      this.buffer = grown;
    } else {
      const next = this.#pool.take(used > 0 ? Math.max(size, CHUNK_BYTES) : size);
      this.#seal();
      if (this.buffer.length > 0) this.#pool.give(this.buffer);
      this.buffer = next;
    }
    this.#checkLimit();
    if (this.#discarding) return this.#reserveMore(size);
    const at = this.#used;
    this.#used = at + size;
    if (!this.#dirty) this.#mark();
    return at;
  }

  #checkLimit(): void {
    if (this.queuedBytes <= this.#limit) return;
    this.discard();
    this.#overflowed = true;
    // Not from here: the connection's listeners must not run in the middle of whoever is writing.
    if (!this.#dirty) this.#mark();
  }

  #seal(): void {
    if (this.#used === 0) return;
    this.#sealed.push({ buffer: this.buffer, start: 0, end: this.#used, home: this.#pool });
    this.#sealedBytes += this.#used;
    this.buffer = EMPTY;
    this.#used = 0;
  }

  #giveBack({ buffer, home }: Pick<Chunk, 'buffer' | 'home'>): void {
    home?.give(buffer);
  }

  /** The ordinary case: all of it is in one buffer, and the socket takes it at once. */
  #writeBuffer(): void {
    const buffer = this.buffer;
    const used = this.#used;
    this.buffer = EMPTY;
    this.#used = 0;
    this.#socket.write(buffer.subarray(0, used), this.#written);
    this.#inSocket = this.#socket.writableLength;
    if (this.#inSocket === 0) this.#pool.give(buffer);
    else this.#lent.push({ buffer, home: this.#pool });
  }

  #drain(): void {
    while (this.#released > 0 && this.#inSocket === 0 && !this.#discarding) {
      this.#socket.cork();
      for (let left = BATCH_BYTES; this.#released > 0 && left > 0;) {
        const chunk = this.#sealed[0];
        if (chunk === undefined) break;
        const end = Math.min(chunk.end, chunk.start + left);
        this.#socket.write(chunk.buffer.subarray(chunk.start, end), this.#written);
        left -= end - chunk.start;
        this.#sealedBytes -= end - chunk.start;
        chunk.start = end;
        if (end < chunk.end) break;
        this.#sealed.shift();
        this.#released--;
        this.#lent.push(chunk);
      }
      this.#socket.uncork();
      this.#inSocket = this.#socket.writableLength;
      if (this.#inSocket === 0) this.#giveLent();
    }
  }

  #giveLent(): void {
    for (const lent of this.#lent) this.#giveBack(lent);
    this.#lent.length = 0;
  }

  #onWritten(): void {
    // Bytes that the socket took at once have been accounted for when they were written.
    if (this.#inSocket === 0 || this.#discarding) return;
    this.#progress++;
    this.#inSocket = this.#socket.writableLength;
    if (this.#inSocket > 0) return;
    this.#giveLent();
    this.#drain();
    this.#owner.onFlushed();
  }
}
