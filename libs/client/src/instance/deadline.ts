import type { Clock } from '@nest-rocketmq/runtime';

/** Settles as `work` does, or rejects with `error()` when that takes longer than `ms`; `work` itself goes on. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(ms, () => reject(error()));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (cause: unknown) => {
        timer.cancel();
        reject(cause);
      },
    );
  });
}
