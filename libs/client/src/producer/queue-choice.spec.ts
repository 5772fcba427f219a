import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { FaultTable } from './fault-table.ts';
import { QueueChoice } from './queue-choice.ts';

const queues = ['a', 'a', 'b', 'b', 'c'].map((brokerName, queueId) => ({ brokerName, queueId }));
const next = (choice: QueueChoice, last?: string, faults?: FaultTable) => choice.next(queues, last, faults);

describe('QueueChoice', () => {
  it('goes round all queues', () => {
    const choice = new QueueChoice(0);
    const picked = queues.map(() => next(choice)?.queueId);
    expect(new Set(picked).size).toBe(5);
    expect(next(choice)?.queueId).toBe(picked[0]);
  });

  it('starts anywhere, and survives the end of its counter', () => {
    const choice = new QueueChoice(0x7fff_ffff - 1);
    for (let i = 0; i < 4; i++) expect(next(choice)).toBeDefined();
  });

  it('leaves out the broker that failed, unless it is the only one', () => {
    const choice = new QueueChoice();
    for (let i = 0; i < 20; i++) expect(next(choice, 'a')?.brokerName).not.toBe('a');
    const single = [{ brokerName: 'a' }];
    expect(choice.next(single, 'a')).toBe(single[0]);
    expect(choice.next([], 'a')).toBeUndefined();
  });

  it('prefers available brokers, then reachable ones, then any', () => {
    const clock = new ManualClock();
    const faults = new FaultTable(clock);
    const choice = new QueueChoice();
    const brokers = () =>
      new Set(Array.from({ length: 20 }, () => next(choice, undefined, faults)?.brokerName));
    faults.update('a', 0, true, false);
    faults.update('b', 600, false, true);
    expect(brokers()).toEqual(new Set(['c']));
    faults.update('c', 0, true, true);
    expect(brokers()).toEqual(new Set(['b', 'c']));
    faults.update('b', 0, true, false);
    faults.update('c', 0, true, false);
    expect(brokers()).toEqual(new Set(['a', 'b', 'c']));
    clock.advance(10_000);
    expect(brokers()).toEqual(new Set(['a', 'b', 'c']));
  });
});

describe('FaultTable', () => {
  it.each([
    [49, 0],
    [549, 0],
    [550, 2000],
    [1800, 5000],
    [3000, 6000],
    [5000, 10_000],
    [15_000, 30_000],
  ])('keeps a broker that took %i ms out for %i ms', (latency, out) => {
    const clock = new ManualClock();
    const faults = new FaultTable(clock);
    faults.update('a', latency, false, true);
    expect(faults.isAvailable('a')).toBe(out === 0);
    clock.advance(out - 1);
    expect(faults.isAvailable('a')).toBe(out === 0);
    clock.advance(1);
    expect(faults.isAvailable('a')).toBe(true);
  });

  it('keeps a broker that failed out for ten seconds', () => {
    const clock = new ManualClock();
    const faults = new FaultTable(clock);
    faults.update('a', 1, true, false);
    expect([faults.isAvailable('a'), faults.isReachable('a')]).toEqual([false, false]);
    clock.advance(10_000);
    expect([faults.isAvailable('a'), faults.isReachable('a')]).toEqual([true, false]);
    faults.update('a', 1, false, true);
    expect(faults.isReachable('a')).toBe(true);
  });
});
