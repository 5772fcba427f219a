import { describe, expect, it } from '@jest/globals';
import type { ClientInstance } from '../instance/client-instance.ts';
import { RemoteOffsetStore } from './remote-offset-store.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
const same = { ...queue };

describe('RemoteOffsetStore, in memory', () => {
  // No broker is asked for what is in memory.
  const store = (): RemoteOffsetStore => new RemoteOffsetStore({} as ClientInstance, 'g');

  it('has an offset of a queue, whichever object stands for it', () => {
    const offsets = store();
    expect(offsets.inMemory(queue)).toBeUndefined();
    offsets.update(queue, 5, true);
    offsets.update(same, 7, true);
    offsets.update(queue, 8, true);
    expect([offsets.inMemory(queue), offsets.inMemory(same)]).toEqual([8, 8]);
    expect(offsets.inMemory({ ...queue, queueId: 1 })).toBeUndefined();
  });

  it('only goes forward, unless it is told otherwise', () => {
    const offsets = store();
    offsets.update(queue, -1, true);
    expect(offsets.inMemory(queue)).toBeUndefined();
    offsets.update(queue, 5, true);
    offsets.update(queue, 3, true);
    expect(offsets.inMemory(queue)).toBe(5);
    offsets.update(same, 3, false);
    expect(offsets.inMemory(queue)).toBe(3);
  });

  it('forgets, and begins anew', () => {
    const offsets = store();
    offsets.update(queue, 5, true);
    offsets.update(same, 6, true);
    offsets.forget({ ...queue });
    expect([offsets.inMemory(queue), offsets.inMemory(same)]).toEqual([undefined, undefined]);
    offsets.update(queue, 2, true);
    offsets.update(same, 3, true);
    expect([offsets.inMemory(queue), offsets.inMemory(same)]).toEqual([3, 3]);
  });
});
