import { dlqTopic, MessageConst, MixAll, MQVersion, PermName, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';

/** Dead letters go to one queue. */
export const DLQ_QUEUE_NUMS = 1;

/** What decides whether a message sent to a retry topic is tried again. */
export interface RetryAttempt {
  readonly retryTopic: string;
  readonly reconsumeTimes: number;
  /** The sender's own limit. */
  readonly maxReconsumeTimes: number | undefined;
  /** The ordinal of the sender's version: only since 3.4.9 its limit counts. */
  readonly version: number;
}

/**
 * Whether a message that a consumer sends to its `%RETRY%` topic has been tried often enough: then `properties` are
 * marked and the dead-letter topic is given, to send it to instead (SendMessageProcessor.handleRetryAndDLQ). A group
 * that holds queue locks consumes in order and gives up at once.
 * @throws ResponseError 26 when the group is unknown and may not be created
 */
export function deadLetterTopicOf(
  broker: BrokerContext,
  attempt: RetryAttempt,
  properties: Map<string, string>,
): string | undefined {
  const group = attempt.retryTopic.slice(MixAll.RETRY_GROUP_TOPIC_PREFIX.length);
  const config = broker.subscriptionGroups.find(group);
  if (!config) {
    throw new ResponseError(
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      `subscription group not exist, ${group}`,
    );
  }
  const limit = retryLimit(config.retryMaxTimes, attempt.maxReconsumeTimes, attempt.version);
  if (attempt.reconsumeTimes <= limit && !broker.queueLocks.isHeld(group)) return undefined;
  properties.set(MessageConst.PROPERTY_DELAY_TIME_LEVEL, '-1');
  const topic = dlqTopic(group);
  broker.topics.createTopicInSendBack(topic, DLQ_QUEUE_NUMS, PermName.READ | PermName.WRITE);
  return topic;
}

/** How often a message may be tried again: the group's limit, or the client's own when its version may give one. */
export function retryLimit(groupLimit: number, clientLimit: number | undefined, version: number): number {
  return clientLimit !== undefined && version >= MQVersion.V3_4_9 ? clientLimit : groupLimit;
}
