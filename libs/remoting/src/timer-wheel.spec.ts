import { ManualClock } from '@nest-rocketmq/runtime';
import { TimerWheel, WheelEntry } from './timer-wheel.ts';

class Entry extends WheelEntry {
  constructor(readonly run: () => void) {
    super();
  }

  override expire(): void {
    this.run();
  }
}

function setUp() {
  const clock = new ManualClock(0);
  return { clock, wheel: new TimerWheel(clock) };
}

describe('TimerWheel', () => {
  it.each([1, 99, 100, 101, 3000, 51_100, 51_200, 51_300, 200_000])(
    'expires a time-out of %i ms not early, and at most 200 ms late',
    (timeout) => {
      for (const offset of [0, 1, 50, 99]) {
        const { clock, wheel } = setUp();
        let at: number | undefined;
        wheel.add(new Entry(() => undefined), 1_000_000);
        clock.advance(offset);
        const begin = clock.now();
        wheel.add(new Entry(() => (at = clock.now())), timeout);
        clock.advance(timeout - 1);
        expect(at).toBeUndefined();
        clock.advance(201);
        expect((at ?? Infinity) - begin).toBeLessThanOrEqual(timeout + 200);
        wheel.clear();
      }
    },
  );

  it('expires entries of one slot in the order they were added', () => {
    const { clock, wheel } = setUp();
    const order: number[] = [];
    for (const i of [1, 2, 3]) wheel.add(new Entry(() => order.push(i)), 250);
    clock.advance(500);
    expect(order).toEqual([1, 2, 3]);
  });

  it('does not expire what was cancelled, and cancelling again does nothing', () => {
    const { clock, wheel } = setUp();
    let expired = 0;
    const entries = [1, 2, 3].map(() => new Entry(() => expired++));
    for (const entry of entries) wheel.add(entry, 100);
    const [, second] = entries;
    if (second) {
      wheel.cancel(second);
      wheel.cancel(second);
    }
    expect(wheel.size).toBe(2);
    clock.advance(1000);
    expect(expired).toBe(2);
    expect(wheel.size).toBe(0);
  });

  it('moves an entry that is added again', () => {
    const { clock, wheel } = setUp();
    const at: number[] = [];
    const entry = new Entry(() => at.push(clock.now()));
    wheel.add(entry, 100);
    wheel.add(entry, 1000);
    expect(wheel.size).toBe(1);
    clock.advance(5000);
    expect(at).toEqual([1100]);
  });

  it('lets an expiring entry cancel, add and re-add others, itself too', () => {
    const { clock, wheel } = setUp();
    const order: string[] = [];
    const victim = new Entry(() => order.push('victim'));
    const again: Entry = new Entry(() => {
      order.push(`again ${clock.now()}`);
      wheel.cancel(victim);
      if (order.length < 3) wheel.add(again, 100);
    });
    // Keeps the wheel turning, so that the two end in the same slot.
    wheel.add(new Entry(() => undefined), 10_000);
    wheel.add(again, 100);
    wheel.add(victim, 100);
    clock.advance(2000);
    expect(order).toEqual(['again 200', 'again 400', 'again 600']);
    expect(wheel.size).toBe(1);
  });

  it('has a timer only while it holds something', () => {
    const { clock, wheel } = setUp();
    expect(clock.pending).toBe(0);
    wheel.add(new Entry(() => undefined), 500);
    wheel.add(new Entry(() => undefined), 700);
    expect(clock.pending).toBe(1);
    clock.advance(1000);
    expect(clock.pending).toBe(0);
    wheel.add(new Entry(() => undefined), 500);
    wheel.clear();
    expect(clock.pending).toBe(0);
    expect(wheel.size).toBe(0);
  });
});
