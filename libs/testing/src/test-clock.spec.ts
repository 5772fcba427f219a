import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock } from './index.ts';

const HOUR = 3_600_000;

describe('TestClock', () => {
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock();
  });
  afterEach(() => clock.stop());

  it('begins at the present and goes on by itself', async () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50);
    const begin = clock.now();
    await new Promise<void>((resolve) => {
      clock.schedule(20, resolve);
    });
    expect(clock.now() - begin).toBeGreaterThanOrEqual(20);
  });

  it('runs what becomes due in the order of its time, at its time', async () => {
    const seen: [string, number][] = [];
    const begin = clock.now();
    const note = (name: string) => (): void =>
      void seen.push([name, Math.round((clock.now() - begin) / 1000)]);
    clock.schedule(2 * HOUR, note('late'));
    clock.schedule(1000, note('soon'));
    clock.schedule(3 * HOUR, note('never'));
    await clock.advance(2 * HOUR + 1000);
    expect(seen).toEqual([
      ['soon', 1],
      ['late', 7200],
    ]);
  });

  it('lets what comes of one step happen before the next', async () => {
    const gaps: number[] = [];
    let last = clock.now();
    const again = (): void => {
      gaps.push(clock.now() - last);
      last = clock.now();
      if (gaps.length < 5) setImmediate(() => clock.schedule(10_000, again));
    };
    clock.schedule(10_000, again);
    await clock.advance(HOUR);
    expect(gaps).toHaveLength(5);
    for (const gap of gaps) expect(gap).toBeLessThan(12_000);
  });

  it('never goes back, also where a busy process looks at waiting tasks late', async () => {
    const times: number[] = [];
    const ran = new Promise<void>((resolve) => {
      clock.schedule(1, () => {
        times.push(clock.now());
        resolve();
      });
    });
    const end = performance.now() + 50;
    while (performance.now() < end) times.push(clock.now());
    await ran;
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('forgets what was cancelled', async () => {
    let ran = false;
    clock.schedule(1000, () => (ran = true)).cancel();
    await clock.advance(2000);
    expect(ran).toBe(false);
  });
});
