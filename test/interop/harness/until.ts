import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Waits until `probe` returns something true, and returns it. A probe that throws is asked again, too. After `timeoutMs`
 * it throws, saying what was waited for and what was there last.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 30_000,
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
