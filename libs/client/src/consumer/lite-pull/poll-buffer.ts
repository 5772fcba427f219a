import { RocketMQError, type Clock } from '@nest-rocketmq/runtime';
import type { ReceivedMessage } from '../../message/received-message.ts';
import type { ProcessQueue } from '../process-queue.ts';

/** What one pull brought. */
export interface PolledBatch {
  queue: ProcessQueue;
  messages: readonly ReceivedMessage[];
}

/** Pulled messages that wait for `poll`, in the order they came; those of paused queues stay. */
export class PollBuffer {
  readonly #clock: Clock;
  readonly #isPaused: (queue: ProcessQueue) => boolean;
  #batches: PolledBatch[] = [];
  /** Polls that wait; each takes what it can get when it is called. */
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock, isPaused: (queue: ProcessQueue) => boolean) {
    this.#clock = clock;
    this.#isPaused = isPaused;
  }

  add(queue: ProcessQueue, messages: readonly ReceivedMessage[]): void {
    if (this.#closed) return;
    this.#batches.push({ queue, messages });
    this.wake();
  }

  /** Has those who wait look again: a queue is not paused any more. */
  wake(): void {
    for (const take of this.#waiting) take();
  }

  /**
   * The next batch; undefined when none comes within `timeoutMs`, or the consumer is shut down.
   * @throws RocketMQError `ABORTED` when the signal is: nothing is taken then
   */
  next(timeoutMs: number, signal?: AbortSignal): Promise<PolledBatch | undefined> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const found = this.#take();
    if (found || timeoutMs <= 0 || this.#closed) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        this.#waiting.delete(take);
        signal?.removeEventListener('abort', abort);
      };
      const end = (batch?: PolledBatch): void => {
        stop();
        resolve(batch);
      };
      const abort = (): void => {
        stop();
        reject(aborted(signal));
      };
      const take = (): void => {
        const batch = this.#take();
        if (batch || this.#closed) end(batch);
      };
      const timer = this.#clock.schedule(timeoutMs, () => end());
      this.#waiting.add(take);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Ends all waiting; nothing is given any more. */
  close(): void {
    this.#closed = true;
    this.#batches = [];
    this.wake();
  }

  #take(): PolledBatch | undefined {
    this.#batches = this.#batches.filter(({ queue }) => !queue.dropped);
    const index = this.#batches.findIndex(({ queue }) => !this.#isPaused(queue));
    return index < 0 ? undefined : this.#batches.splice(index, 1)[0];
  }
}

function aborted(signal: AbortSignal | undefined): RocketMQError {
  return new RocketMQError('ABORTED', 'The poll was aborted: nothing was taken', { cause: signal?.reason });
}
