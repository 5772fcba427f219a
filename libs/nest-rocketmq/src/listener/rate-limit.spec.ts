import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { parseRate, RateLimit } from './rate-limit.ts';

describe('parseRate', () => {
  it.each([
    [50, { messages: 50, perMs: 1000 }],
    ['50', { messages: 50, perMs: 1000 }],
    ['100/s', { messages: 100, perMs: 1000 }],
    ['600 / 1m', { messages: 600, perMs: 60_000 }],
    ['1/500ms', { messages: 1, perMs: 500 }],
    ['0.5/s', { messages: 0.5, perMs: 1000 }],
  ])('reads %j', (text, rate) => expect(parseRate(text)).toEqual(rate));

  it.each([0, -1, NaN, 'fast', '10/', '10/0s', ''])('refuses %j', (text) =>
    expect(() => parseRate(text)).toThrow(/not a (rate|duration)/i),
  );
});

describe('RateLimit', () => {
  it('spaces messages evenly, and makes up for nothing that was not used', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ messages: 10, perMs: 1000 }, clock);
    const begun: number[] = [];
    const startedAt = clock.now();
    clock.advance(60_000);
    for (let i = 0; i < 5; i++) {
      const turn = limit.take();
      if (turn === true) begun.push(clock.now() - startedAt - 60_000);
      else void turn.then(() => begun.push(clock.now() - startedAt - 60_000));
    }
    await clock.advanceAsync(1000, 10);
    expect(begun).toEqual([0, 90, 190, 290, 390]);
    expect(clock.pending).toBe(0);
  });

  it('allows no more than its rate, also where it is finer than timers', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ messages: 5000, perMs: 1000 }, clock);
    let begun = 0;
    for (let i = 0; i < 10_000; i++) {
      const turn = limit.take();
      if (turn === true) begun++;
      else void turn.then(() => begun++);
    }
    await clock.advanceAsync(1000, 100);
    expect(begun).toBeGreaterThanOrEqual(5000);
    expect(begun).toBeLessThanOrEqual(5060);
  });

  it('counts a batch as its messages', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ messages: 100, perMs: 1000 }, clock);
    expect(limit.take(50)).toBe(true);
    const next = limit.take(1);
    let begun = false;
    void Promise.resolve(next).then(() => (begun = true));
    await clock.advanceAsync(480, 10);
    expect(begun).toBe(false);
    await clock.advanceAsync(20, 10);
    expect(begun).toBe(true);
  });

  it('tells those that wait when it stops, and leaves no timer', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ messages: 1, perMs: 1000 }, clock);
    expect(limit.take()).toBe(true);
    const waiting = limit.take();
    limit.stop();
    await expect(waiting).resolves.toBe(false);
    await expect(limit.take()).resolves.toBe(false);
    expect(clock.pending).toBe(0);
  });
});
