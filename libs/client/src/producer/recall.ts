import { decodeRecallHandle, MixAll, RecallMessage } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ClientErrorCode } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { checkTopic, illegal } from '../message/validators.ts';
import type { TopicPublisher } from './topic-publisher.ts';

/** What recalls a message: one of a topic, as brokers know it, with its handle. */
export interface Recall {
  readonly topic: string;
  readonly recallHandle: string;
  readonly producerGroup: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Takes a message back (`DefaultMQProducerImpl.recallMessage`), at the broker that its handle names; where the route doesn't
 * know that one, as behind a proxy, at any broker of the topic.
 * @param publisher finds the route of a topic
 * @returns the message's id
 */
export async function recall(
  instance: ClientInstance,
  publisher: (topic: string) => Promise<TopicPublisher>,
  { topic, recallHandle, producerGroup, timeoutMs }: Recall,
): Promise<string> {
  checkTopic(topic);
  const { RETRY_GROUP_TOPIC_PREFIX, DLQ_GROUP_TOPIC_PREFIX } = MixAll;
  if (topic.startsWith(RETRY_GROUP_TOPIC_PREFIX) || topic.startsWith(DLQ_GROUP_TOPIC_PREFIX))
    throw illegal(`Messages of ${topic} can't be recalled: it is a topic of retries or dead letters`);
  const handle = decodeRecallHandle(recallHandle);
  if (!handle) throw illegal("The recall handle is not what a send's result has as recallHandle");
  const { queues } = await publisher(topic);
  const address =
    instance.routes.brokerAddress(handle.brokerName) ??
    instance.routes.brokerAddress(queues[0]?.brokerName ?? '');
  if (address === undefined) {
    throw new RocketMQError(
      'NO_BROKER',
      `The broker ${handle.brokerName}, which has the message, has no master now`,
      { responseCode: ClientErrorCode.BROKER_NOT_EXIST_EXCEPTION },
    );
  }
  const request = { producerGroup, topic, recallHandle, bname: handle.brokerName };
  const { header } = await instance.call(address, RecallMessage, request, { timeoutMs });
  return header.msgId;
}
