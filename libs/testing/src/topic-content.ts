import type { MQAdmin, MessageExt, MessageQueue } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';

const TOPIC_NOT_EXIST = 17;
const ROUTE_PATIENCE_MS = 5000;
const ROUTE_POLL_MS = 5;

/** All messages of a topic of one broker, in the order they were stored in; none when the broker has no such topic. */
export async function readTopic(admin: MQAdmin, brokerAddress: string, topic: string): Promise<MessageExt[]> {
  const messages: MessageExt[] = [];
  for (const queue of await queuesOf(admin, brokerAddress, topic)) {
    const end = await admin.maxOffset(queue);
    let offset = await admin.minOffset(queue);
    while (offset < end) {
      const slice = await admin.readQueue(queue, offset);
      messages.push(...slice.messages);
      if (slice.nextOffset <= offset) break;
      offset = slice.nextOffset;
    }
  }
  return messages.sort((a, b) => a.commitLogOffset - b.commitLogOffset);
}

/** The queues of a topic; none when the broker has no such topic. */
async function queuesOf(
  admin: MQAdmin,
  brokerAddress: string,
  topic: string,
): Promise<readonly MessageQueue[]> {
  try {
    await admin.topicConfig(topic, brokerAddress);
  } catch (error) {
    if (error instanceof RocketMQError && error.responseCode === TOPIC_NOT_EXIST) return [];
    throw error;
  }
  // The NameServer learns of a new topic a moment after the broker's first answer.
  for (const deadline = performance.now() + ROUTE_PATIENCE_MS; ;) {
    try {
      return await admin.topicQueues(topic);
    } catch (error) {
      const unknown = error instanceof RocketMQError && error.code === 'NO_ROUTE';
      if (!unknown || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, ROUTE_POLL_MS));
    }
  }
}
