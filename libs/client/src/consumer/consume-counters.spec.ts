import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { ConsumeCounters } from './consume-counters.ts';

describe('ConsumeCounters', () => {
  it('shows the rates of the last minute, and the failures since the start', () => {
    const clock = new ManualClock();
    const counters = new ConsumeCounters(clock);
    expect(counters.rates('T')).toEqual({
      consumeOKTPS: 0,
      consumeFailedTPS: 0,
      consumeRT: 0,
      consumeFailedMsgs: 0,
    });
    counters.consumed('T', 60, 0, 10);
    counters.consumed('T', 0, 6, 30);
    counters.consumed('other', 1, 1, 1);
    expect(counters.rates('T')).toEqual({
      consumeOKTPS: 1,
      consumeFailedTPS: 0.1,
      consumeRT: 20,
      consumeFailedMsgs: 6,
    });
    clock.advance(30_000);
    counters.consumed('T', 60, 0, 20);
    expect(counters.rates('T').consumeOKTPS).toBe(2);
    clock.advance(35_000);
    expect(counters.rates('T')).toMatchObject({ consumeOKTPS: 1, consumeFailedTPS: 0 });
    clock.advance(60_000);
    expect(counters.rates('T')).toEqual({
      consumeOKTPS: 0,
      consumeFailedTPS: 0,
      consumeRT: 0,
      consumeFailedMsgs: 6,
    });
  });
});
