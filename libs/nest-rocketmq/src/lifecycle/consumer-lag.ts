import { withNamespace, withoutNamespace, type MessageQueue, type MQAdmin } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** How far a group is behind in one queue. */
export interface QueueLag {
  /** The topic is the group's retry topic for messages that come again. */
  readonly queue: MessageQueue;
  /** Messages that the group has not consumed yet. */
  readonly lag: number;
  /** When the last message that it did consume was stored, in milliseconds since the epoch; 0: never. */
  readonly lastTimestamp: number;
}

const RETRY_PREFIX = '%RETRY%';

/**
 * How far a group is behind, by the offsets that the brokers know: those of running consumers are up to 5 s old.
 * @param topics what the group subscribes to; a topic that doesn't exist yet has no queues
 */
export async function consumerLag(
  admin: Pick<MQAdmin, 'consumeStats'>,
  namespace: string,
  group: string,
  topics: readonly string[],
): Promise<QueueLag[]> {
  const asked = [...topics, RETRY_PREFIX + group].map(async (topic) => {
    try {
      return await admin.consumeStats(withNamespace(namespace, group), withNamespace(namespace, topic));
    } catch (error) {
      if (error instanceof RocketMQError && error.code === 'NO_ROUTE') return [];
      throw error;
    }
  });
  return (await Promise.all(asked)).flat().map(({ queue, value }) => ({
    queue: { ...queue, topic: withoutNamespace(namespace, queue.topic) },
    lag: Math.max(0, value.brokerOffset - Math.max(0, value.consumerOffset)),
    lastTimestamp: value.lastTimestamp,
  }));
}
