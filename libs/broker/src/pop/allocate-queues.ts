import type { MessageQueue } from '@nest-rocketmq/protocol';

/** How queues are shared among the clients of a group; both sorted, the same for all who ask. */
export type QueueAllocation = (
  clientId: string,
  queues: readonly MessageQueue[],
  clients: readonly string[],
) => MessageQueue[];

/** Consecutive queues for each client, the first ones one more (AllocateMessageQueueAveragely). */
const averagely: QueueAllocation = (clientId, queues, clients) => {
  const index = clients.indexOf(clientId);
  if (index < 0) return [];
  const share = Math.floor(queues.length / clients.length);
  const rest = queues.length % clients.length;
  const start = index * share + Math.min(index, rest);
  return queues.slice(start, start + share + (index < rest ? 1 : 0));
};

/** The queues go round (AllocateMessageQueueAveragelyByCircle). */
const byCircle: QueueAllocation = (clientId, queues, clients) => {
  const index = clients.indexOf(clientId);
  return index < 0 ? [] : queues.filter((_, at) => at % clients.length === index);
};

/** The strategies that a broker knows, by the name that clients send. */
export const QUEUE_ALLOCATIONS: ReadonlyMap<string, QueueAllocation> = new Map([
  ['AVG', averagely],
  ['AVG_BY_CIRCLE', byCircle],
]);

/**
 * The queues that a client pops: any queue of each broker (queue id -1) when all share them, else its own and those of
 * the next `shareNum` clients (QueryAssignmentProcessor.allocate4Pop).
 */
export function allocateForPop(
  allocate: QueueAllocation,
  clientId: string,
  queues: readonly MessageQueue[],
  clients: readonly string[],
  shareNum: number,
): MessageQueue[] {
  const index = clients.indexOf(clientId);
  if (shareNum <= 0 || shareNum >= clients.length - 1) {
    const brokers = new Map(queues.map((queue) => [`${queue.topic}@${queue.brokerName}`, queue]));
    return [...brokers.values()].map((queue) => ({ ...queue, queueId: -1 }));
  }
  if (index < 0) return [];
  if (clients.length > queues.length) return queues.slice(index % queues.length, (index % queues.length) + 1);
  const sharing = Array.from({ length: shareNum + 1 }, (_, i) => clients[(index + i) % clients.length] ?? '');
  return sharing.flatMap((client) => allocate(client, queues, clients));
}
