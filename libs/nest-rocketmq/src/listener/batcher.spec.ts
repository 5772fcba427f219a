import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { Batcher } from './batcher.ts';

function batcher() {
  const clock = new ManualClock();
  const batches: number[][] = [];
  return {
    clock,
    batches,
    batcher: new Batcher<number>({ size: 3, wait: 200 }, clock, (items) => batches.push(items)),
  };
}

describe('Batcher', () => {
  it('gives on a batch that is full at once', () => {
    const { clock, batches, batcher: made } = batcher();
    for (let i = 0; i < 7; i++) made.add(i);
    expect(batches).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    clock.advance(200);
    expect(batches.at(-1)).toEqual([6]);
    expect(clock.pending).toBe(0);
  });

  it('waits as long as its first item may wait, however many come', () => {
    const { clock, batches, batcher: made } = batcher();
    made.add(1);
    clock.advance(150);
    made.add(2);
    clock.advance(49);
    expect(batches).toEqual([]);
    clock.advance(1);
    expect(batches).toEqual([[1, 2]]);
  });

  it('gives on what there is when it is told to, and nothing when there is nothing', () => {
    const { clock, batches, batcher: made } = batcher();
    made.flush();
    made.add(1);
    made.flush();
    expect(batches).toEqual([[1]]);
    expect(clock.pending).toBe(0);
  });
});
