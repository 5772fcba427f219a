import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import type { ConsumerGroup } from './consumer-group.ts';
import { Rebalancer } from './rebalancer.ts';

/** So many promises may follow one another from the end of a pass to the end of the call. */
const TURNS = 12;

describe('Rebalancer', () => {
  it('makes another pass whenever it is asked, also in the moment in which one ends', async () => {
    for (let turns = 0; turns < TURNS; turns++) {
      const clock = new ManualClock();
      const group = {
        subscriptions: new Map([['T', {}]]),
        instance: { settings: { clock }, routes: { get: () => ({ provisional: false }) } },
      } as unknown as ConsumerGroup;
      let passes = 0;
      let end: () => void = () => undefined;
      const rebalancer = new Rebalancer(
        group,
        () => Promise.resolve(true),
        () => {
          passes++;
          return passes === 1 ? new Promise((resolve) => (end = () => resolve(true))) : Promise.resolve(true);
        },
      );
      void rebalancer.now();
      await new Promise((resolve) => setImmediate(resolve));
      end();
      for (let i = 0; i < turns; i++) await Promise.resolve();
      await rebalancer.now();
      expect([turns, passes]).toEqual([turns, 2]);
      await rebalancer.stop();
    }
  });
});
