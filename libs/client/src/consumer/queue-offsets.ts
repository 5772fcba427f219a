import { GetMaxOffset, GetMinOffset, SearchOffsetByTimestamp } from '@nest-rocketmq/protocol';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';

/** The first offset a queue still has. @throws RocketMQError when its broker can't tell */
export async function minOffset(instance: ClientInstance, queue: MessageQueue): Promise<number> {
  const { topic, queueId, brokerName: bname } = queue;
  const address = await masterOf(instance, queue);
  return (await instance.call(address, GetMinOffset, { topic, queueId, bname })).header.offset;
}

/** The offset the next message of a queue gets. @throws RocketMQError when its broker can't tell */
export async function maxOffset(instance: ClientInstance, queue: MessageQueue): Promise<number> {
  const { topic, queueId, brokerName: bname } = queue;
  const address = await masterOf(instance, queue);
  return (await instance.call(address, GetMaxOffset, { topic, queueId, bname })).header.offset;
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
  const address = await masterOf(instance, queue);
  return (await instance.call(address, SearchOffsetByTimestamp, request)).header.offset;
}

/** The readable queues of a topic. @throws RocketMQError `NO_ROUTE` when no NameServer knows it */
export async function fetchSubscribeQueues(instance: ClientInstance, topic: string): Promise<MessageQueue[]> {
  const route = await instance.routes.refresh(topic);
  if (!route || route.provisional) throw instance.routes.noRoute(topic);
  return [...route.subscribeQueues];
}

/** The master of a queue's broker; the NameServer is asked when no route of this client names it yet (`MQAdminImpl`). */
async function masterOf({ routes }: ClientInstance, { topic, brokerName }: MessageQueue): Promise<string> {
  const known = routes.brokerAddress(brokerName);
  if (known !== undefined) return known;
  await routes.refresh(topic);
  const address = routes.brokerAddress(brokerName);
  if (address === undefined) throw routes.noRoute(topic);
  return address;
}
