import { describe, expect, it } from '@jest/globals';
import type { MessageQueue } from '../../message/message.ts';
import { averagely, averagelyByCircle } from './averagely.ts';
import { byConfig } from './by-config.ts';
import { consistentHash } from './consistent-hash.ts';
import { machineRoom, machineRoomNearby } from './machine-room.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

const queues = (count: number, brokerName = 'b'): MessageQueue[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId }));
const clients = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.0.${i}@c`);
const ids = (list: MessageQueue[]): number[] => list.map((queue) => queue.queueId);

/** What each member gets. */
function shares(
  strategy: AllocateMessageQueueStrategy,
  all: MessageQueue[],
  members: string[],
): MessageQueue[][] {
  return members.map((member) => strategy.allocate('g', member, all, members));
}

describe('AVG', () => {
  it.each([
    [8, 1, [[0, 1, 2, 3, 4, 5, 6, 7]]],
    [
      8,
      3,
      [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7],
      ],
    ],
    [4, 4, [[0], [1], [2], [3]]],
    [2, 4, [[0], [1], [], []]],
    [0, 2, [[], []]],
  ])('shares %i queues among %i members', (count, members, expected) => {
    expect(shares(averagely, queues(count), clients(members)).map(ids)).toEqual(expected);
  });
});

describe('AVG_BY_CIRCLE', () => {
  it('deals the queues out in turn', () => {
    expect(shares(averagelyByCircle, queues(5), clients(2)).map(ids)).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });
});

describe.each([
  ['AVG', averagely],
  ['AVG_BY_CIRCLE', averagelyByCircle],
  ['CONSISTENT_HASH', consistentHash()],
  [
    'MACHINE_ROOM_NEARBY-AVG',
    machineRoomNearby(averagely, { brokerDeployIn: () => 'r', consumerDeployIn: () => 'r' }),
  ],
  ['MACHINE_ROOM', machineRoom(['room'])],
])('%s', (name, strategy) => {
  it('is known by that name', () => expect(strategy.name).toBe(name));

  it.each([
    [1, 1],
    [7, 2],
    [16, 5],
    [3, 9],
  ])('gives each of %i queues to exactly one of %i members', (count, members) => {
    const all = queues(count, 'room@b');
    const given = shares(strategy, all, clients(members)).flat();
    expect(given).toHaveLength(count);
    expect(new Set(given)).toEqual(new Set(all));
  });

  it('gives nothing to who is not a member', () => {
    expect(strategy.allocate('g', 'stranger', queues(4, 'room@b'), clients(2))).toEqual([]);
  });
});

describe('CONSISTENT_HASH', () => {
  it('moves only the queues of a member that leaves', () => {
    const strategy = consistentHash();
    const all = queues(64);
    const before = clients(4);
    const after = before.slice(0, 3);
    for (const member of after) {
      const kept = strategy.allocate('g', member, all, after);
      for (const queue of strategy.allocate('g', member, all, before)) expect(kept).toContain(queue);
    }
  });

  it('puts queues where the first four bytes of the MD5 of their Java text say', () => {
    // Computed apart: a ring of md5("10.0.0.0@c-0".."-9") and md5("10.0.0.1@c-0".."-9"), and on it the places
    // md5("MessageQueue [topic=T, brokerName=b, queueId=0..7]").
    expect(shares(consistentHash(), queues(8), clients(2)).map(ids)).toEqual([
      [0, 3, 6, 7],
      [1, 2, 4, 5],
    ]);
  });

  it('needs a node for a member', () => {
    expect(() => consistentHash(0)).toThrow('must be at least 1');
  });
});

describe('CONFIG', () => {
  it('gives what was configured', () => {
    const [first, second] = [queues(2), queues(4)];
    expect(byConfig(first).allocate('g', 'c', second, ['c'])).toEqual(first);
  });
});

describe('MACHINE_ROOM', () => {
  it('leaves out what is in other rooms', () => {
    const all = [...queues(3, 'near@b'), ...queues(3, 'far@b'), ...queues(1, 'plain')];
    const given = shares(machineRoom(['near']), all, clients(2)).flat();
    expect(given.map((queue) => queue.brokerName)).toEqual(['near@b', 'near@b', 'near@b']);
  });
});

describe('MACHINE_ROOM_NEARBY', () => {
  const resolver = {
    brokerDeployIn: (queue: MessageQueue) => queue.brokerName,
    consumerDeployIn: (id: string) => id.split('@')[1] ?? '',
  };
  const strategy = machineRoomNearby(averagely, resolver);
  const all = [...queues(4, 'east'), ...queues(4, 'west')];

  it('keeps queues in their room', () => {
    const members = ['1@east', '2@east', '3@west'];
    expect(strategy.allocate('g', '1@east', all, members)).toEqual(queues(2, 'east'));
    expect(strategy.allocate('g', '3@west', all, members)).toEqual(queues(4, 'west'));
  });

  it('shares the queues of a room without consumers among all', () => {
    const members = ['1@east', '2@east'];
    const given = members.flatMap((member) => strategy.allocate('g', member, all, members));
    expect(given).toHaveLength(8);
    expect(new Set(given).size).toBe(8);
  });
});
