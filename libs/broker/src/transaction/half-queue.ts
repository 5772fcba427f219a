import type { MessageStore } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';
import { HalfMessage } from './half-message.ts';
import { halvesOfOp } from './op-records.ts';

/** Stands for the op record of a half message that is done but whose op record is not yet appended. */
const NOT_APPENDED = -1;

/** How far the half queue and the op queue are done with, as consumer offsets tell it. */
export interface HalfProgress {
  readonly half: number;
  readonly op: number;
}

/**
 * What is known of the half queue from the place the check has reached: which half messages are done, by which op
 * record, and which copy of a transaction is the newest.
 *
 * RocketMQ's broker reads the op queue anew in each round (TransactionalMessageServiceImpl.fillOpRemoveMap). Here it is
 * read once, at the start: later op records are this broker's own.
 */
export class HalfQueue {
  #next = 0;
  #opEnd = 0;
  /** Half messages from {@link next} on that are done, each with its op record. */
  readonly #done = new Map<number, number>();
  /** Op records, in order, that tell of half messages from {@link next} on: how many. */
  readonly #ops = new Map<number, number>();
  /** The newest copy of each transaction whose half message was put back, by the place of its first one. */
  readonly #newest = new Map<number, number>();

  /** The first half message the check has not passed. */
  get next(): number {
    return this.#next;
  }

  /** Up to where both queues need not be read again after a restart. */
  get progress(): HalfProgress {
    for (const op of this.#ops.keys()) return { half: this.#next, op };
    return { half: this.#next, op: this.#opEnd };
  }

  /** Reads what is behind the progress. Both queues may have lost their beginning, or, by a power loss, their end. */
  load(store: MessageStore, progress: HalfProgress): void {
    const [half, halfEnd] = within(store, SystemTopic.TRANS_HALF, progress.half);
    const [op, opEnd] = within(store, SystemTopic.TRANS_OP_HALF, progress.op);
    this.#next = half;
    this.#opEnd = opEnd;
    for (let at = op; at < opEnd; at++) this.record(halvesOfOp(store, at), at);
    for (let at = half; at < halfEnd; at++) {
      const message = this.#done.has(at) ? undefined : HalfMessage.at(store, at);
      if (message && message.origin < at) this.#newest.set(message.origin, at);
    }
  }

  /** Whether a transaction is undecided: its newest half message is neither done nor passed by the check. */
  isOpen(half: HalfMessage): boolean {
    const newest = this.newest(half);
    return newest >= this.#next && !this.#done.has(newest);
  }

  /** The place of the newest half message of the same transaction. */
  newest(half: HalfMessage): number {
    return Math.max(this.#newest.get(half.origin) ?? 0, half.queueOffset);
  }

  /** Notes that a copy was put behind the others, for `half`. */
  replaced(half: HalfMessage, copy: number): void {
    this.#newest.set(half.origin, copy);
  }

  /**
   * Notes that a transaction is decided, or given up.
   * @returns the half messages of it that an op record must now tell of
   */
  end(half: HalfMessage): number[] {
    const newest = this.newest(half);
    this.#newest.delete(half.origin);
    return [...new Set([half.queueOffset, newest])].filter((offset) => this.done(offset));
  }

  /** Notes that a half message is done, before its op record. @returns false when that was known, or is past */
  done(half: number): boolean {
    if (half < this.#next || this.#done.has(half)) return false;
    this.#done.set(half, NOT_APPENDED);
    return true;
  }

  /** Notes the op record of half messages. */
  record(halves: readonly number[], op: number): void {
    this.#opEnd = Math.max(this.#opEnd, op + 1);
    let count = 0;
    for (const half of halves) {
      if (half < this.#next || (this.#done.get(half) ?? NOT_APPENDED) !== NOT_APPENDED) continue;
      this.#done.set(half, op);
      count++;
    }
    if (count > 0) this.#ops.set(op, count);
  }

  /** Passes the next half message when it is done. @returns false when it is not: the check must look at it */
  passDone(): boolean {
    const op = this.#done.get(this.#next);
    if (op === undefined) return false;
    this.#done.delete(this.#next++);
    const left = this.#ops.get(op);
    if (left === undefined) return true;
    if (left > 1) this.#ops.set(op, left - 1);
    else this.#ops.delete(op);
    return true;
  }

  /** Passes the next half message, and what lies before `offset`. */
  pass(offset = this.#next + 1): void {
    while (this.#next < offset) if (!this.passDone()) this.#next++;
  }
}

/** The offset brought into what its queue holds, and the queue's end. */
function within(store: MessageStore, topic: string, offset: number): [offset: number, end: number] {
  const min = store.getMinOffset(topic, 0);
  const end = store.getMaxOffset(topic, 0);
  return [Math.max(min, Math.min(offset, end)), end];
}
