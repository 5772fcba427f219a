/** A pending call made by {@link Clock.schedule}; cancelling it twice, or after it ran, does nothing. */
export interface Scheduled {
  cancel(): void;
}

/**
 * Where everything that waits gets its time from: retries, holds, rebalances, expiries. Injected, so that
 * tests of hours run in milliseconds ({@link ManualClock}) and a stopped process has no timer left.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch, as RocketMQ stores it. */
  now(): number;
  /** Calls `task` once after `delayMs` milliseconds. Does not keep the process alive by itself. */
  schedule(delayMs: number, task: () => void): Scheduled;
}

/** The machine's clock. Its timers are unref'd: what keeps a process alive is its sockets, not its waits. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Calls `task` every `periodMs` milliseconds, first after `firstMs`, until cancelled. */
export function scheduleEvery(clock: Clock, firstMs: number, periodMs: number, task: () => void): Scheduled {
  let cancelled = false;
  let pending: Scheduled;
  const run = (): void => {
    if (cancelled) return;
    pending = clock.schedule(periodMs, run);
    task();
  };
  pending = clock.schedule(firstMs, run);
  return {
    cancel() {
      cancelled = true;
      pending.cancel();
    },
  };
}

/** Resolves after `delayMs` milliseconds, or rejects with the signal's reason as soon as `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      pending.cancel();
      reject(signal?.reason);
    };
    const pending = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
