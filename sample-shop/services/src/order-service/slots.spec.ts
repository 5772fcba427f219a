import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.ts';

describe('slots', () => {
  it('let a few work at the same time, and the others in their order; one that fails leaves its place', async () => {
    const slots = new Slots(2);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const work = async (n: number): Promise<void> => {
      started.push(n);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (n % 2 === 0) throw new Error(`${n}`);
    };
    const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((n) => slots.run(() => work(n))));
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3);
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    expect(await slots.run(async () => 'free')).toBe('free');
  });
});
