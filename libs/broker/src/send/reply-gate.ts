import type { Clock } from '@nest-rocketmq/runtime';
import type { Connection } from '@nest-rocketmq/remoting';
import { ByteSlicer, decodeFrame, encodeCommand, setBytes } from '@nest-rocketmq/protocol';

/** The longest answer that is composed in place; longer ones (batches) keep a buffer of their own. */
export const REPLY_SLOT_BYTES = 512;

const INITIAL_ANSWERS = 256;
const INITIAL_BYTES = 64 * 1024;
/** Answers in a row to one connection are copied to it together, up to this many bytes. */
const RUN_BYTES = 32 * 1024;

/**
 * Answers that are ready but must not leave before the log has reached what they promise: written to the file, or
 * flushed to the disk. They leave in the order they were held, straight into the out buffers of their connections, so
 * that the replies of a tick cost one socket write per connection. They lie one behind the other in one buffer, which is
 * begun anew whenever none waits: nothing is allocated for an answer that fits a slot.
 */
export class ReplyGate {
  readonly #limit: number;
  readonly #clock: Clock | undefined;
  readonly #answers = new ByteSlicer();
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** The answers that wait are those from `head` to `tail` of what follows. */
  #head = 0;
  #tail = 0;
  /** Where the bytes of each end, which is where the next one's begin. */
  #ends = new Int32Array(INITIAL_ANSWERS);
  #endOffsets = new Float64Array(INITIAL_ANSWERS);
  #heldAt = new Float64Array(INITIAL_ANSWERS);
  #connections: (Connection | undefined)[] = Array.from({ length: INITIAL_ANSWERS }, () => undefined);
  #large: (Buffer | undefined)[] = Array.from({ length: INITIAL_ANSWERS }, () => undefined);

  /**
   * @param limit how many answers may wait; the send path refuses more with SYSTEM_BUSY
   * @param clock for {@link expire}, which is not for a gate without one
   */
  constructor(limit: number, clock?: Clock) {
    this.#limit = Math.max(1, limit);
    this.#clock = clock;
  }

  /** How many answers wait. */
  get size(): number {
    return this.#tail - this.#head;
  }

  /** Whether no more answers may be held. */
  get full(): boolean {
    return this.size >= this.#limit;
  }

  /** The buffer the next answer is composed in, at {@link slot}; valid until the next call of this class. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Where in {@link bytes} the next answer is to be composed: {@link REPLY_SLOT_BYTES} bytes are free there. */
  slot(): number {
    const start = this.#start(this.#tail);
    if (this.#tail < this.#ends.length && start + REPLY_SLOT_BYTES <= this.#bytes.length) return start;
    this.#makeRoom();
    return this.#start(this.#tail);
  }

  /** Holds the answer composed at {@link slot}, `length` bytes, until the log has reached `endOffset`. */
  hold(connection: Connection, endOffset: number, length: number): void {
    const at = this.#tail++;
    this.#ends[at] = this.#start(at) + length;
    this.#endOffsets[at] = endOffset;
    if (this.#clock) this.#heldAt[at] = this.#clock.now();
    this.#connections[at] = connection;
  }

  /** As {@link hold}, for a whole frame that may be longer than a slot. */
  holdFrame(connection: Connection, endOffset: number, frame: Buffer): void {
    this.slot();
    this.#large[this.#tail] = frame;
    this.hold(connection, endOffset, 0);
  }

  /** Lets out every answer whose promise is kept now that the log has reached `offset`. */
  release(offset: number): void {
    while (this.#head < this.#tail && (this.#endOffsets[this.#head] ?? 0) <= offset) {
      const connection = this.#connections[this.#head];
      const large = this.#large[this.#head];
      if (large) {
        if (connection && !connection.closed) connection.write(large);
        this.#drop(this.#head + 1);
        continue;
      }
      const next = this.#runEnd(offset);
      if (connection && !connection.closed) {
        const start = this.#start(this.#head);
        const end = this.#start(next);
        const target = connection.reserve(end - start);
        setBytes(connection.out, this.#answers.slice(this.#bytes, start, end), target);
      }
      this.#drop(next);
    }
  }

  /**
   * Answers those that have been held since before `since` with `code` instead: the message is stored, but its promise
   * of durability is late (FLUSH_DISK_TIMEOUT).
   */
  expire(since: number, code: number): void {
    while (this.#head < this.#tail && (this.#heldAt[this.#head] ?? 0) < since) {
      const at = this.#head;
      const connection = this.#connections[at];
      if (connection && !connection.closed) {
        const frame = this.#large[at] ?? this.#bytes.subarray(this.#start(at), this.#start(at + 1));
        const reply = decodeFrame(frame);
        reply.code = code;
        connection.write(encodeCommand(reply));
      }
      this.#drop(at + 1);
    }
  }

  /** Where the bytes of an answer begin, and those of the one before it end. */
  #start(at: number): number {
    return at === 0 ? 0 : (this.#ends[at - 1] ?? 0);
  }

  /** Behind the answers, from the first on, that go to one connection and may leave at `offset`. */
  #runEnd(offset: number): number {
    const connection = this.#connections[this.#head];
    const most = this.#start(this.#head) + RUN_BYTES;
    let next = this.#head + 1;
    while (
      next < this.#tail &&
      this.#connections[next] === connection &&
      (this.#endOffsets[next] ?? 0) <= offset &&
      (this.#ends[next] ?? 0) <= most &&
      !this.#large[next]
    ) {
      next++;
    }
    return next;
  }

  /** Forgets the answers before `head`. */
  #drop(head: number): void {
    for (let at = this.#head; at < head; at++) {
      this.#connections[at] = undefined;
      this.#large[at] = undefined;
    }
    this.#head = head;
    if (head === this.#tail) this.#head = this.#tail = 0;
  }

  /** Moves what waits to the front, into twice the room if it fills more than half of what there is. */
  #makeRoom(): void {
    const { size } = this;
    const start = this.#start(this.#head);
    const end = this.#start(this.#tail);
    const bytes =
      (end - start) * 2 > this.#bytes.length ? Buffer.allocUnsafeSlow(this.#bytes.length * 2) : this.#bytes;
    this.#bytes.copy(bytes, 0, start, end);
    this.#bytes = bytes;
    const answers = size * 2 > this.#ends.length ? this.#ends.length * 2 : this.#ends.length;
    const ends = this.#ends.subarray(this.#head, this.#tail).map((position) => position - start);
    this.#ends = moved(new Int32Array(answers), ends);
    this.#endOffsets = moved(new Float64Array(answers), this.#endOffsets.subarray(this.#head, this.#tail));
    this.#heldAt = moved(new Float64Array(answers), this.#heldAt.subarray(this.#head, this.#tail));
    const { length } = this.#ends;
    const connections = this.#connections.slice(this.#head, this.#tail);
    const large = this.#large.slice(this.#head, this.#tail);
    this.#connections = Array.from({ length }, (_, i) => connections[i]);
    this.#large = Array.from({ length }, (_, i) => large[i]);
    this.#head = 0;
    this.#tail = size;
  }
}

function moved<T extends Int32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
