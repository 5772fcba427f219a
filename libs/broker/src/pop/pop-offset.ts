import { MixAll } from '@nest-rocketmq/protocol';
import type { BrokerContext } from '../broker-context.ts';

/** Where a group that has no offset begins (ConsumeInitMode). */
export const ConsumeInitMode = { MIN: 0, MAX: 1 } as const;

/** Where the group would pop next, without committing anything; the first message when it never popped. */
export function peekPopOffset(broker: BrokerContext, group: string, topic: string, queueId: number): number {
  const offset = broker.consumerOffsets.query(group, topic, queueId);
  return offset < 0 ? broker.store.getMinOffset(topic, queueId) : offset;
}

/**
 * Where the group pops next (PopMessageProcessor.getPopOffset): an offset that an operator set comes first; a group
 * without one begins where `initMode` says, and that is committed.
 */
export function popOffset(
  broker: BrokerContext,
  group: string,
  topic: string,
  queueId: number,
  initMode: number,
): number {
  const { consumerOffsets, pop } = broker;
  const reset = consumerOffsets.takeReset(group, topic, queueId);
  if (reset !== undefined) {
    pop.orders.clear(topic, group, queueId);
    consumerOffsets.commit('ResetPopOffset', group, topic, queueId, reset);
    return reset;
  }
  const offset = consumerOffsets.query(group, topic, queueId);
  if (offset >= 0) return offset;
  const first = initialOffset(broker, topic, queueId, initMode);
  consumerOffsets.commit('getPopOffset', group, topic, queueId, first);
  return first;
}

function initialOffset(broker: BrokerContext, topic: string, queueId: number, initMode: number): number {
  const { store, config } = broker;
  const min = store.getMinOffset(topic, queueId);
  if (initMode === ConsumeInitMode.MIN || topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX)) return min;
  // A young queue is consumed from its beginning.
  if (config.initPopOffsetByCheckMsgInMem && min <= 0 && store.isInMemory(topic, queueId, 0)) return 0;
  return Math.max(0, store.getMaxOffset(topic, queueId) - 1);
}
