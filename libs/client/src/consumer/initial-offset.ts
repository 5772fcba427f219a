import type { MessageQueue } from '../message/message.ts';
import { consumeTimestampMs } from './consumer-options.ts';
import { ConsumeFromWhere } from './consumer-types.ts';
import { OFFSET_NOT_FOUND } from './offset-store.ts';
import { maxOffset, searchOffset } from './queue-offsets.ts';
import type { ConsumerGroup } from './consumer-group.ts';

/**
 * Where to begin with a queue that has become ours: at the stored offset, or as `consumeFromWhere` says when there is
 * none (`RebalancePushImpl.computePullFromWhere`).
 * @throws RocketMQError when the broker can't tell: the queue is tried again with the next rebalance
 */
export async function initialOffset(group: ConsumerGroup, queue: MessageQueue): Promise<number> {
  const stored = await group.offsets.read(queue);
  if (stored !== OFFSET_NOT_FOUND) return stored;
  const isRetry = queue.topic === group.retryTopic;
  switch (group.settings.consumeFromWhere) {
    case ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET:
      // Where the first messages are gone, the broker says so and where the queue begins.
      return 0;
    case ConsumeFromWhere.CONSUME_FROM_TIMESTAMP:
      return isRetry ? maxOffset(group.instance, queue) : offsetAt(group, queue);
    case ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET:
      return isRetry ? 0 : maxOffset(group.instance, queue);
  }
}

function offsetAt(group: ConsumerGroup, queue: MessageQueue): Promise<number> {
  const timestamp = consumeTimestampMs(group.settings.consumeTimestamp, group.startedAt);
  return searchOffset(group.instance, queue, timestamp);
}
