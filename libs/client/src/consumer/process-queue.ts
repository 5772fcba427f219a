import type { MessageQueue } from '../message/message.ts';
import type { ReceivedMessage } from '../message/received-message.ts';

/**
 * The messages of one queue that were pulled and are not consumed yet, by offset. What may be committed is the lowest
 * offset among them: a message that takes long holds the ones behind it back, as after a crash they come again.
 */
export class ProcessQueue {
  readonly queue: MessageQueue;
  /** Set when the queue is no longer ours: results of its messages don't count any more. */
  dropped = false;
  /** Set when it is about to be given up: nothing more is begun with, what has begun still counts. */
  releasing = false;
  /** When it was last pulled and consumed, in milliseconds since the epoch. */
  lastPullAt: number;
  lastConsumeAt: number;
  /** When the lock on the queue was last confirmed, in milliseconds since the epoch; 0: it is not locked. */
  lockedAt = 0;
  /** Concurrent listener calls with messages of it that have begun. */
  calls = 0;
  /** By offset. What is settled stays until it is at an end: removing it from the middle would cost more. */
  #messages: ReceivedMessage[] = [];
  #head = 0;
  /** In order, what lies before it was taken; index into the messages. */
  #cursor = 0;
  #count = 0;
  #bytes = 0;
  #maxOffset = -1;

  constructor(queue: MessageQueue, now: number) {
    this.queue = queue;
    this.lastPullAt = now;
    this.lastConsumeAt = now;
  }

  /** Messages that are not consumed yet. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of their records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Distance of the first from the last of them. */
  get span(): number {
    const first = this.#messages[this.#head];
    const last = this.#messages.at(-1);
    return first && last ? last.queueOffset - first.queueOffset : 0;
  }

  /** The first offset that is not consumed yet; undefined when there is none. */
  get minOffset(): number | undefined {
    return this.#messages[this.#head]?.queueOffset;
  }

  /** The highest offset it ever held; -1 before the first message. */
  get maxOffset(): number {
    return this.#maxOffset;
  }

  /** Takes what was pulled, in the order of its offsets. */
  put(messages: readonly ReceivedMessage[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#bytes += message.storeSize;
      this.#maxOffset = Math.max(this.#maxOffset, message.queueOffset);
    }
    this.#count += messages.length;
  }

  /**
   * Settles messages.
   * @returns the offset that can be committed now; -1 when the queue never held a message
   */
  remove(messages: readonly ReceivedMessage[]): number {
    for (const message of messages) {
      if (message.settled) continue;
      message.settled = true;
      this.#count--;
      this.#bytes -= message.storeSize;
    }
    this.#trim();
    return this.commitOffset;
  }

  /** The offset that can be committed; -1 when the queue never held a message. */
  get commitOffset(): number {
    return this.minOffset ?? (this.#maxOffset < 0 ? -1 : this.#maxOffset + 1);
  }

  /** How many messages were not taken yet; an upper bound. */
  get untaken(): number {
    return this.#messages.length - this.#cursor;
  }

  /** Takes up to `max` messages to consume them in order; they stay until they are committed or put back. */
  take(max: number): ReceivedMessage[] {
    const taken: ReceivedMessage[] = [];
    for (; taken.length < max && this.#cursor < this.#messages.length; this.#cursor++) {
      const message = this.#messages[this.#cursor];
      if (message && !message.settled) taken.push(message);
    }
    return taken;
  }

  /** Settles all that was taken. @returns the offset that can be committed now */
  commitTaken(): number {
    return this.remove(this.#messages.slice(this.#head, this.#cursor));
  }

  /** Puts back what was taken, from `first` on or all of it: it is taken again, in the same order. */
  putBack(first?: ReceivedMessage): void {
    const index = first === undefined ? this.#head : this.#messages.indexOf(first, this.#head);
    this.#cursor = Math.min(this.#cursor, Math.max(index, this.#head));
  }

  /** The first message that is being consumed since before `time`; undefined when the first one isn't. */
  stuckSince(time: number): ReceivedMessage | undefined {
    const first = this.#messages[this.#head];
    return first && first.consumeStartedAt > 0 && first.consumeStartedAt < time ? first : undefined;
  }

  #trim(): void {
    const messages = this.#messages;
    while (this.#head < messages.length && messages[this.#head]?.settled) this.#head++;
    while (messages.length > this.#head && messages.at(-1)?.settled) messages.pop();
    if (this.#head === messages.length) {
      this.#messages = [];
      this.#head = 0;
      this.#cursor = 0;
    } else if (this.#head > 1024 && this.#head * 2 > messages.length) {
      this.#messages = messages.slice(this.#head);
      this.#cursor = Math.max(0, this.#cursor - this.#head);
      this.#head = 0;
    }
    this.#cursor = Math.min(Math.max(this.#cursor, this.#head), this.#messages.length);
  }
}
