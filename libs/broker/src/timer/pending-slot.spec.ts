import { TimerMagic, TimerUnit } from '@nest-rocketmq/store';
import { PendingSlot } from './pending-slot.ts';

function unit(physicalOffset: number): TimerUnit {
  return Object.assign(new TimerUnit(), {
    physicalOffset,
    size: physicalOffset + 1,
    magic: TimerMagic.DEFAULT,
    enqueueTime: 1_767_225_600_000,
    topicHash: -physicalOffset,
  });
}

describe('the messages of the present slot', () => {
  let slot: PendingSlot;

  beforeEach(() => {
    slot = new PendingSlot();
  });

  function drained(): number[] {
    return Array.from(slot.drain(), ({ physicalOffset }) => physicalOffset);
  }

  it('are due never while there are none', () => {
    expect([slot.size, slot.dueAt]).toEqual([0, Infinity]);
    slot.pop();
    expect(slot.size).toBe(0);
  });

  it('come out by time, those of one time as they came', () => {
    for (const [i, dueAt] of [30, 10, 20, 10, 30, 10].entries()) slot.add(unit(i), dueAt);
    expect(slot.dueAt).toBe(10);
    expect(drained()).toEqual([1, 3, 5, 2, 0, 4]);
  });

  it('come out as they came though they were added from the newest to the oldest, and later ones behind them', () => {
    slot.add(unit(2), 10, 102);
    slot.add(unit(1), 10, 101);
    slot.add(unit(0), 10, 100);
    slot.add(unit(3), 10);
    expect(drained()).toEqual([0, 1, 2, 3]);
  });

  it('keep everything that was said of them', () => {
    slot.add(unit(9), 77);
    expect(slot.top).toMatchObject({ ...Object.fromEntries(Object.entries(unit(9))), dueAt: 77 });
  });

  it('are as many as come, and taken out while others come', () => {
    const times = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003);
    const out: number[] = [];
    for (const [i, dueAt] of times.entries()) {
      slot.add(unit(dueAt), 10_000 + dueAt);
      if (i % 3 === 2) {
        out.push(slot.top.physicalOffset);
        slot.pop();
      }
    }
    const rest = drained();
    expect([...out, ...rest].toSorted((a, b) => a - b)).toEqual(times.toSorted((a, b) => a - b));
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
  });

  it('give their memory back after a crowd', () => {
    for (let i = 0; i < 70_000; i++) slot.add(unit(i), i);
    slot.clear();
    slot.add(unit(5), 1);
    expect(drained()).toEqual([5]);
  });
});
