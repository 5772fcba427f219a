import { allocateForPop, QUEUE_ALLOCATIONS } from './allocate-queues.ts';

const queues = Array.from({ length: 5 }, (_, queueId) => ({ topic: 'T', brokerName: 'b', queueId }));
const [averagely, byCircle] = [...QUEUE_ALLOCATIONS.values()];
if (!averagely || !byCircle) throw new Error('no strategies');
const ids = (list: { queueId: number }[]): number[] => list.map(({ queueId }) => queueId);

it('gives each client consecutive queues, the first ones one more', () => {
  const clients = ['a', 'b', 'c'];
  expect(clients.map((client) => ids(averagely(client, queues, clients)))).toEqual([[0, 1], [2, 3], [4]]);
  expect(ids(averagely('x', queues, clients))).toEqual([]);
});

it('gives queues in turn', () => {
  expect(['a', 'b'].map((client) => ids(byCircle(client, queues, ['a', 'b'])))).toEqual([
    [0, 2, 4],
    [1, 3],
  ]);
});

it('shares all queues of each broker, or those of the next clients', () => {
  const clients = ['a', 'b', 'c', 'd'];
  const other = { topic: 'T', brokerName: 'other', queueId: 0 };
  expect(allocateForPop(averagely, 'a', [...queues, other], clients, 0)).toEqual([
    { topic: 'T', brokerName: 'b', queueId: -1 },
    { ...other, queueId: -1 },
  ]);
  expect(ids(allocateForPop(averagely, 'd', queues, clients, 1))).toEqual([4, 0, 1]);
  expect(ids(allocateForPop(averagely, 'd', queues, clients, 3))).toEqual([-1]);
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect(ids(allocateForPop(averagely, 'g', queues, many, 1))).toEqual([1]);
});
