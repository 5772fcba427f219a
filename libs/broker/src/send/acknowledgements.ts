import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import { encodeCommand, ResponseCode, type RemotingCommand } from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { MessageStore } from '@nest-rocketmq/store';
import { ReplyGate } from './reply-gate.ts';

const EXPIRY_SCAN_MS = 100;

/**
 * The answers to what was appended, held back until the store has done what they promise: {@link written} to the
 * file (survives kill -9), {@link flushed} to the disk (SYNC_FLUSH). A flush that takes longer than the time-out
 * is answered FLUSH_DISK_TIMEOUT (10), as GroupCommitService does: the message is stored all the same.
 */
export class Acknowledgements {
  readonly written: ReplyGate;
  readonly flushed: ReplyGate;
  readonly #store: MessageStore;
  readonly #clock: Clock;
  readonly #syncFlushTimeout: number;
  readonly #scan: Scheduled;
  readonly #waiting: (() => void)[] = [];

  /** @param options `capacity`: answers that may wait at each gate; `syncFlushTimeout` in milliseconds */
  constructor(store: MessageStore, clock: Clock, options: { capacity: number; syncFlushTimeout: number }) {
    this.#store = store;
    this.#clock = clock;
    this.#syncFlushTimeout = options.syncFlushTimeout;
    this.written = new ReplyGate(options.capacity);
    this.flushed = new ReplyGate(options.capacity, clock);
    store.onProgress((writtenOffset, flushedOffset) => {
      this.written.release(writtenOffset);
      this.flushed.release(flushedOffset);
      if (this.pending === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
    this.#scan = scheduleEvery(clock, EXPIRY_SCAN_MS, EXPIRY_SCAN_MS, () => this.#expire());
  }

  /** How many answers wait for the store. */
  get pending(): number {
    return this.written.size + this.flushed.size;
  }

  /**
   * Whether the gate takes another answer; a gate that is full of answers waiting for the tick's write gets that
   * write first.
   */
  hasRoom(gate: ReplyGate): boolean {
    if (!gate.full) return true;
    this.#store.commit();
    return !gate.full;
  }

  /** Answers `response` once the log is written up to `endOffset`. */
  respondWhenWritten(connection: Connection, response: RemotingCommand, endOffset: number): void {
    this.written.holdFrame(connection, endOffset, encodeCommand(response));
  }

  /** Resolves when no answer waits. */
  drained(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops the scan for late flushes. What still waits is never answered. */
  shutdown(): void {
    this.#scan.cancel();
  }

  #expire(): void {
    if (this.flushed.size === 0) return;
    this.flushed.expire(this.#clock.now() - this.#syncFlushTimeout, ResponseCode.FLUSH_DISK_TIMEOUT);
  }
}
