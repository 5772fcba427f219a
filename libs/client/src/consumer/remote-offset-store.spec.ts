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

it('RemoteOffsetStore commits an offset of a queue only after the one before it has arrived', async () => {
  const sent: string[] = [];
  const ends: (() => void)[] = [];
  const instance = {
    routes: { anyBrokerAddress: () => ({ address: 'b:1', brokerId: 0 }) },
    call: (_address: string, _command: unknown, header: { queueId: number; commitOffset: number }) => {
      sent.push(`${header.queueId}:${header.commitOffset}`);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  } as unknown as ClientInstance;
  const offsets = new RemoteOffsetStore(instance, 'g');
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const other = { ...queue, queueId: 1 };
  offsets.update(queue, 1, false);
  offsets.update(other, 7, false);
  const first = offsets.commit(queue);
  // A reset comes while a commit of the offset before it is on its way.
  offsets.update(queue, 0, false);
  const second = offsets.commit(same);
  void offsets.commit(other);
  await turn();
  expect(sent).toEqual(['0:1', '1:7']);
  ends[0]?.();
  await first;
  await turn();
  expect(sent).toEqual(['0:1', '1:7', '0:0']);
  for (const end of ends) end();
  await second;
});
