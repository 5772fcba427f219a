import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { CallTimeout, HandlerTimeout } from './call-timeout.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('CallTimeout', () => {
  it('passes on what a call ends with', async () => {
    const timeout = new CallTimeout(1000, new ManualClock());
    await expect(timeout.within(Promise.resolve(7))).resolves.toBe(7);
    await expect(timeout.within(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('gives up on each call when its own time is over', async () => {
    const clock = new ManualClock();
    const timeout = new CallTimeout(1000, clock);
    const ended: string[] = [];
    const call = (name: string): void =>
      void timeout.within(never()).catch((error: unknown) => {
        ended.push(error instanceof HandlerTimeout ? name : String(error));
      });
    call('a');
    await timeout.within(Promise.resolve());
    clock.advance(400);
    call('b');
    await clock.advanceAsync(600, 100);
    expect(ended).toEqual(['a']);
    await clock.advanceAsync(399, 1);
    expect(ended).toEqual(['a']);
    await clock.advanceAsync(1, 1);
    expect(ended).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  it('does not give up on a call that begins while another is given up', async () => {
    const clock = new ManualClock();
    const timeout = new CallTimeout(1000, clock);
    const ended: number[] = [];
    const call = (then: () => void): void =>
      void timeout.within(never()).catch(() => {
        ended.push(clock.now());
        then();
      });
    const begin = clock.now();
    call(() => call(() => undefined));
    clock.schedule(1000, () => call(() => undefined));
    await clock.advanceAsync(1999, 1);
    expect(ended).toEqual([begin + 1000]);
    await clock.advanceAsync(10, 1);
    expect(ended).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('asks the clock once for all calls of a turn', async () => {
    const clock = new ManualClock();
    const timeout = new CallTimeout(1000, clock);
    let asked = 0;
    const now = clock.now.bind(clock);
    clock.now = () => {
      asked++;
      return now();
    };
    const calls = Array.from({ length: 20 }, () => timeout.within(never()).catch(() => 'given up'));
    await clock.advanceAsync(1000, 100);
    await expect(Promise.all(calls)).resolves.toEqual(Array(20).fill('given up'));
    expect(asked).toBe(2);
  });

  it('leaves no timer when it is stopped', () => {
    const clock = new ManualClock();
    const timeout = new CallTimeout(1000, clock);
    void timeout.within(never());
    timeout.stop();
    expect(clock.pending).toBe(0);
  });
});
