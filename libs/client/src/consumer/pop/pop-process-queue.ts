import type { MessageQueue } from '../../message/message.ts';

/** A queue that is popped, or with the id -1 all queues of a topic on one broker (`PopProcessQueue`). */
export class PopProcessQueue {
  readonly queue: MessageQueue;
  /** Set when it is no longer ours: nothing more of it is begun with. What has begun still counts. */
  dropped = false;
  /** When it was last popped, in milliseconds since the epoch. */
  lastPopAt: number;
  #waiting = 0;
  #onSettled: (() => void) | undefined;

  constructor(queue: MessageQueue, now: number) {
    this.queue = queue;
    this.lastPopAt = now;
  }

  /** Messages that were popped and are neither acknowledged nor given back. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes messages that were popped. */
  take(count: number): void {
    this.#waiting += count;
  }

  /** Is done with messages. */
  settle(count: number): void {
    this.#waiting -= count;
    this.#onSettled?.();
  }

  /** Resolves when no more than `most` messages wait, or when `signal` is aborted. For one caller at a time. */
  room(most: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting <= most || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#onSettled = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#onSettled = (): void => {
        if (this.#waiting <= most) done();
      };
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
