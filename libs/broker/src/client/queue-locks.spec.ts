import { ManualClock } from '@nest-rocketmq/runtime';
import { QueueLocks } from './queue-locks.ts';

const queue = (queueId: number) => ({ topic: 'T', brokerName: 'b', queueId });

describe('the locks of queues', () => {
  let clock: ManualClock;
  let locks: QueueLocks;

  beforeEach(() => {
    clock = new ManualClock();
    locks = new QueueLocks(clock);
  });

  it('belong to one client of a group until they are given back', () => {
    expect(locks.lock('G', [queue(0), queue(1)], 'a')).toHaveLength(2);
    expect(locks.lock('G', [queue(0), queue(2)], 'b')).toEqual([queue(2)]);
    expect(locks.lock('Other', [queue(0)], 'b')).toEqual([queue(0)]);
    locks.unlock('G', [queue(0)], 'b');
    expect(locks.lock('G', [queue(0)], 'b')).toEqual([]);
    locks.unlock('G', [queue(0)], 'a');
    expect(locks.lock('G', [queue(0)], 'b')).toEqual([queue(0)]);
  });

  it('case 34: lock queue, client dies, 60 s after the last renewal: another client can lock', () => {
    locks.lock('G', [queue(0)], 'a');
    clock.advance(50_000);
    locks.lock('G', [queue(0)], 'a');
    clock.advance(60_000);
    expect(locks.lock('G', [queue(0)], 'b')).toEqual([]);
    clock.advance(1);
    expect(locks.isHeld('G')).toBe(false);
    expect(locks.lock('G', [queue(0)], 'b')).toEqual([queue(0)]);
  });

  it('are forgotten when they have expired', () => {
    locks.lock('G', [queue(0)], 'a');
    expect(locks.isHeld('G')).toBe(true);
    clock.advance(60_001);
    locks.expire();
    expect(locks.isHeld('G')).toBe(false);
  });
});
