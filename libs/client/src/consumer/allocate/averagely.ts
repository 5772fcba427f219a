import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** Neighbouring queues in equal shares; the first members get one more where it doesn't divide. The default. */
export const averagely: AllocateMessageQueueStrategy = {
  name: 'AVG',
  allocate(_group, clientId, queues, clientIds) {
    const index = clientIds.indexOf(clientId);
    if (index < 0) return [];
    const rest = queues.length % clientIds.length;
    const share = Math.floor(queues.length / clientIds.length);
    const start = index * share + Math.min(index, rest);
    return queues.slice(start, start + share + (index < rest ? 1 : 0));
  },
};

/** Queues dealt out one by one, in turn: each member gets some of every broker. */
export const averagelyByCircle: AllocateMessageQueueStrategy = {
  name: 'AVG_BY_CIRCLE',
  allocate(_group, clientId, queues, clientIds) {
    const index = clientIds.indexOf(clientId);
    return index < 0 ? [] : queues.filter((_, i) => i % clientIds.length === index);
  },
};
