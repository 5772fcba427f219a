import type { Clock } from '@nest-rocketmq/runtime';
import type { Connection } from '@nest-rocketmq/remoting';
import { ByteSlicer, decodeFrame, encodeCommand, setBytes } from '@nest-rocketmq/protocol';

/** The longest answer that is composed in place; longer ones (batches) keep a buffer of their own. */
export const REPLY_SLOT_BYTES = 512;

const INITIAL_SLOTS = 256;

/**
 * Answers that are ready but must not leave before the log has reached what they promise: written to the file, or
 * flushed to the disk. They leave in the order they were held, straight into the out buffers of their connections, so
 * that the replies of a tick cost one socket write per connection. A ring of fixed slots: nothing is allocated for an
 * answer that fits one.
 */
export class ReplyGate {
  readonly #limit: number;
  readonly #clock: Clock | undefined;
  readonly #answers = new ByteSlicer();
  #slots = INITIAL_SLOTS;
  #bytes = Buffer.allocUnsafeSlow(INITIAL_SLOTS * REPLY_SLOT_BYTES);
  #lengths = new Int32Array(INITIAL_SLOTS);
  #endOffsets = new Float64Array(INITIAL_SLOTS);
  #heldAt = new Float64Array(INITIAL_SLOTS);
  #connections: (Connection | undefined)[] = Array.from<Connection | undefined>({ length: INITIAL_SLOTS });
  #large: (Buffer | undefined)[] = Array.from<Buffer | undefined>({ length: INITIAL_SLOTS });
  #head = 0;
  #size = 0;

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
    return this.#size;
  }

  /** Whether no more answers may be held. */
  get full(): boolean {
    return this.#size >= this.#limit;
  }

  /** The buffer the next answer is composed in, at {@link slot}; valid until the next call of this class. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Where in {@link bytes} the next answer is to be composed: {@link REPLY_SLOT_BYTES} bytes are free there. */
  slot(): number {
    if (this.#size === this.#slots) this.#grow();
    return ((this.#head + this.#size) & (this.#slots - 1)) * REPLY_SLOT_BYTES;
  }

  /** Holds the answer composed at {@link slot}, `length` bytes, until the log has reached `endOffset`. */
  hold(connection: Connection, endOffset: number, length: number): void {
    const at = (this.#head + this.#size) & (this.#slots - 1);
    this.#lengths[at] = length;
    this.#endOffsets[at] = endOffset;
    if (this.#clock) this.#heldAt[at] = this.#clock.now();
    this.#connections[at] = connection;
    this.#size++;
  }

  /** As {@link hold}, for a whole frame that may be longer than a slot. */
  holdFrame(connection: Connection, endOffset: number, frame: Buffer): void {
    this.slot();
    this.#large[(this.#head + this.#size) & (this.#slots - 1)] = frame;
    this.hold(connection, endOffset, frame.length);
  }

  /** Lets out every answer whose promise is kept now that the log has reached `offset`. */
  release(offset: number): void {
    while (this.#size > 0 && (this.#endOffsets[this.#head] ?? 0) <= offset) {
      const at = this.#head;
      const connection = this.#connections[at];
      const length = this.#lengths[at] ?? 0;
      if (connection && !connection.closed) {
        const large = this.#large[at];
        if (large) {
          connection.write(large);
        } else {
          const start = at * REPLY_SLOT_BYTES;
          const target = connection.reserve(length);
          setBytes(connection.out, this.#answers.slice(this.#bytes, start, start + length), target);
        }
      }
      this.#drop();
    }
  }

  /**
   * Answers those that have been held since before `since` with `code` instead: the message is stored, but its promise
   * of durability is late (FLUSH_DISK_TIMEOUT).
   */
  expire(since: number, code: number): void {
    while (this.#size > 0 && (this.#heldAt[this.#head] ?? 0) < since) {
      const at = this.#head;
      const connection = this.#connections[at];
      if (connection && !connection.closed) {
        const start = at * REPLY_SLOT_BYTES;
        const frame = this.#large[at] ?? this.#bytes.subarray(start, start + (this.#lengths[at] ?? 0));
        const reply = decodeFrame(frame);
        reply.code = code;
        connection.write(encodeCommand(reply));
      }
      this.#drop();
    }
  }

  #drop(): void {
    this.#connections[this.#head] = undefined;
    this.#large[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots - 1);
    this.#size--;
  }

  #grow(): void {
    const slots = this.#slots * 2;
    const bytes = Buffer.allocUnsafeSlow(slots * REPLY_SLOT_BYTES);
    const lengths = new Int32Array(slots);
    const endOffsets = new Float64Array(slots);
    const heldAt = new Float64Array(slots);
    const connections = Array.from<Connection | undefined>({ length: slots });
    const large = Array.from<Buffer | undefined>({ length: slots });
    for (let i = 0; i < this.#size; i++) {
      const at = (this.#head + i) & (this.#slots - 1);
      this.#bytes.copy(bytes, i * REPLY_SLOT_BYTES, at * REPLY_SLOT_BYTES, (at + 1) * REPLY_SLOT_BYTES);
      lengths[i] = this.#lengths[at] ?? 0;
      endOffsets[i] = this.#endOffsets[at] ?? 0;
      heldAt[i] = this.#heldAt[at] ?? 0;
      connections[i] = this.#connections[at];
      large[i] = this.#large[at];
    }
    this.#slots = slots;
    this.#bytes = bytes;
    this.#lengths = lengths;
    this.#endOffsets = endOffsets;
    this.#heldAt = heldAt;
    this.#connections = connections;
    this.#large = large;
    this.#head = 0;
  }
}
