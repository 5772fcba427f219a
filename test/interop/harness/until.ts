import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;
/**
 * Above all periods of RocketMQ's clients: they look for routes they miss every 30 s, and share queues anew every 20 s. A wait
 * that ends before would call a topic late which became known right after a client had looked for it.
 */
export const PATIENCE_MS = 120_000;

/** What a member of a group is told of takes less: by itself it looks every 20 s. */
export const TOLD_MS = 15_000;

/** Resolves with the milliseconds that something takes. */
export async function timed(something: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await something();
  return performance.now() - since;
}

/**
 * Waits until `probe` returns something true, and returns it. A probe that throws is asked again, too. After `timeoutMs`
 * it throws, saying what was waited for and what was there last.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = PATIENCE_MS,
  seen: () => unknown = () => undefined,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found) return found as Exclude<T, undefined | null | false | 0 | ''>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const last = seen();
      const detail = last === undefined ? '' : `; seen: ${JSON.stringify(last)}`;
      throw new Error(`not within ${timeoutMs} ms: ${what}${detail}`, { cause: failure });
    }
    await wait(POLL_MS);
  }
}
