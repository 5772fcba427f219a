import type { MessageQueue } from '../../message/message.ts';
import { compareText } from '../../message/message-queue.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** Only queues of the given rooms, named `room@broker`; the rest that doesn't divide goes one by one. */
export function machineRoom(consumerRooms: readonly string[]): AllocateMessageQueueStrategy {
  const rooms = new Set(consumerRooms);
  return {
    name: 'MACHINE_ROOM',
    allocate(_group, clientId, queues, clientIds) {
      const index = clientIds.indexOf(clientId);
      if (index < 0) return [];
      const ours = queues.filter(({ brokerName }) => {
        const parts = brokerName.split('@');
        return parts.length === 2 && rooms.has(parts[0] ?? '');
      });
      const share = Math.floor(ours.length / clientIds.length);
      const rest = ours.length % clientIds.length;
      const result = ours.slice(index * share, (index + 1) * share);
      const extra = ours[share * clientIds.length + index];
      if (index < rest && extra) result.push(extra);
      return result;
    },
  };
}

/** Where brokers and consumers stand. */
export interface MachineRoomResolver {
  /** The machine room of the broker that has a queue. */
  brokerDeployIn(queue: MessageQueue): string;
  /** The machine room of a consumer. */
  consumerDeployIn(clientId: string): string;
}

/**
 * Queues go to the consumers of their own room; those of a room without a consumer are shared by all. How a room's
 * queues are shared is the other strategy's matter.
 */
export function machineRoomNearby(
  strategy: AllocateMessageQueueStrategy,
  resolver: MachineRoomResolver,
): AllocateMessageQueueStrategy {
  return {
    name: `MACHINE_ROOM_NEARBY-${strategy.name}`,
    allocate(group, clientId, queues, clientIds) {
      if (!clientIds.includes(clientId)) return [];
      const queuesOfRoom = groupBy(queues, (queue) => resolver.brokerDeployIn(queue));
      const consumersOfRoom = groupBy(clientIds, (id) => resolver.consumerDeployIn(id));
      const room = resolver.consumerDeployIn(clientId);
      const near = queuesOfRoom.get(room);
      const result = near ? strategy.allocate(group, clientId, near, consumersOfRoom.get(room) ?? []) : [];
      for (const other of [...queuesOfRoom.keys()].sort(compareText)) {
        if (consumersOfRoom.has(other)) continue;
        result.push(...strategy.allocate(group, clientId, queuesOfRoom.get(other) ?? [], clientIds));
      }
      return result;
    },
  };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const result = new Map<string, T[]>();
  for (const item of items) {
    const list = result.get(key(item));
    if (list) list.push(item);
    else result.set(key(item), [item]);
  }
  return result;
}
