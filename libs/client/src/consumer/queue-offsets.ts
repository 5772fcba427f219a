import { GetMaxOffset, GetMinOffset, SearchOffsetByTimestamp } from '@nest-rocketmq/protocol';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';

/** The first offset a queue still has. @throws RocketMQError when its broker can't tell */
export async function minOffset(instance: ClientInstance, queue: MessageQueue): Promise<number> {
  const { topic, queueId, brokerName: bname } = queue;
  return (await instance.call(masterOf(instance, queue), GetMinOffset, { topic, queueId, bname })).header
    .offset;
}

/** The offset the next message of a queue gets. @throws RocketMQError when its broker can't tell */
export async function maxOffset(instance: ClientInstance, queue: MessageQueue): Promise<number> {
  const { topic, queueId, brokerName: bname } = queue;
  return (await instance.call(masterOf(instance, queue), GetMaxOffset, { topic, queueId, bname })).header
    .offset;
}

/**
 * The offset of the first message stored at a time or after it; the end of the queue where there is none.
 * @param timestamp milliseconds since the epoch
 * @throws RocketMQError when its broker can't tell
 */
export async function searchOffset(
  instance: ClientInstance,
  queue: MessageQueue,
  timestamp: number,
): Promise<number> {
  const { topic, queueId, brokerName: bname } = queue;
  const request = { topic, queueId, timestamp, bname };
  return (await instance.call(masterOf(instance, queue), SearchOffsetByTimestamp, request)).header.offset;
}

/** The readable queues of a topic. @throws RocketMQError `NO_ROUTE` when no NameServer knows it */
export async function fetchSubscribeQueues(instance: ClientInstance, topic: string): Promise<MessageQueue[]> {
  const route = await instance.routes.refresh(topic);
  if (!route || route.provisional) throw instance.routes.noRoute(topic);
  return [...route.subscribeQueues];
}

function masterOf(instance: ClientInstance, queue: MessageQueue): string {
  const address = instance.routes.brokerAddress(queue.brokerName);
  if (address === undefined) throw instance.routes.noRoute(queue.topic);
  return address;
}
