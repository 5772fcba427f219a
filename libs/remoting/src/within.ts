import type { RocketMQError } from '@nest-rocketmq/runtime';
import { abortedError } from './command-handler.ts';
import { WheelEntry, type TimerWheel } from './timer-wheel.ts';

class Deadline extends WheelEntry {
  constructor(readonly onExpired: () => void) {
    super();
  }

  override expire(): void {
    this.onExpired();
  }
}

/**
 * What `promise` comes to, if that is before `timeoutMs` milliseconds are over and before `signal` aborts. The work behind
 * the promise goes on either way: others may wait for it.
 */
export function within<T>(
  wheel: TimerWheel,
  promise: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  timeoutError: () => RocketMQError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = new Deadline(() => {
      settle();
      reject(timeoutError());
    });
    const onAbort = (): void => {
      settle();
      if (signal) reject(abortedError(signal));
    };
    const settle = (): void => {
      wheel.cancel(deadline);
      signal?.removeEventListener('abort', onAbort);
    };
    wheel.add(deadline, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}
