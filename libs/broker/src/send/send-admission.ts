import { printable } from '@nest-rocketmq/runtime';
import {
  isWriteable,
  MixAll,
  PermName,
  ResponseCode,
  TopicSysFlag,
  validateTopic,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { isNotAllowedSendTopic } from '../topic/system-topics.ts';

/** What a send asks for, as far as it decides whether it is let in. */
export interface SendTarget {
  readonly topic: string;
  readonly queueId: number;
  /** The rest matters only when the topic has to be created. */
  defaultTopic(): string;
  defaultTopicQueueNums(): number;
  unitMode(): boolean;
}

/**
 * Lets a send in or refuses it, with the checks, codes and order of AbstractSendMessageProcessor.msgCheck; creates the
 * topic where that is allowed.
 * @throws ResponseError 1 before `startAcceptSendRequestTimeStamp`; 14 while stopping; 16 for what may not be written;
 *   29 for a bad topic name or queue id; 17 for an unknown topic that may not be created
 */
export function admitSend(broker: BrokerContext, target: SendTarget, remoteAddress: string): TopicConfig {
  const { config, topics } = broker;
  if (broker.stopping) {
    throw new ResponseError(
      ResponseCode.SERVICE_NOT_AVAILABLE,
      'service not available now. The broker is shutting down',
    );
  }
  if (
    config.startAcceptSendRequestTimeStamp > 0 &&
    broker.clock.now() < config.startAcceptSendRequestTimeStamp
  ) {
    const until = new Date(config.startAcceptSendRequestTimeStamp).toISOString();
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, `broker unable to service, until ${until}`);
  }
  const known = topics.select(target.topic);
  if (!isWriteable(config.brokerPermission) && known?.order === true) {
    throw new ResponseError(
      ResponseCode.NO_PERMISSION,
      `the broker[${broker.address}] sending message is forbidden`,
    );
  }
  if (!known) {
    const problem = validateTopic(target.topic);
    if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem);
  }
  if (isNotAllowedSendTopic(target.topic)) {
    throw new ResponseError(
      ResponseCode.NO_PERMISSION,
      `Sending message to topic[${target.topic}] is forbidden.`,
    );
  }
  const topic = known ?? createTopic(broker, target, remoteAddress);
  if (!isWriteable(topic.perm)) {
    throw new ResponseError(
      ResponseCode.NO_PERMISSION,
      `the topic[${target.topic}] sending message is forbidden`,
    );
  }
  if (target.queueId >= Math.max(topic.writeQueueNums, topic.readQueueNums)) {
    throw new ResponseError(
      ResponseCode.INVALID_PARAMETER,
      `request queueId[${target.queueId}] is illegal, topic[${target.topic}] has ${topic.writeQueueNums} write and ` +
        `${topic.readQueueNums} read queues. Producer: ${remoteAddress}`,
    );
  }
  return topic;
}

/**
 * The queue a message goes to: the one asked for, or for a negative number any that may be written.
 * @throws ResponseError 16 when the topic has no queue to write
 */
export function chooseQueue(topic: TopicConfig, queueId: number): number {
  if (queueId >= 0) return queueId;
  if (topic.writeQueueNums <= 0) {
    throw new ResponseError(ResponseCode.NO_PERMISSION, `the topic[${topic.topicName}] has no write queue`);
  }
  return Math.floor(Math.random() * topic.writeQueueNums);
}

function createTopic(broker: BrokerContext, target: SendTarget, remoteAddress: string): TopicConfig {
  const retry = target.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX);
  const sysFlag = target.unitMode() ? (retry ? TopicSysFlag.UNIT_SUB : TopicSysFlag.UNIT) : 0;
  const created = broker.topics.createTopicInSendMessage(
    target.topic,
    target.defaultTopic(),
    target.defaultTopicQueueNums(),
    sysFlag,
    remoteAddress,
  );
  if (created) return created;
  if (retry)
    return broker.topics.createTopicInSendBack(target.topic, 1, PermName.READ | PermName.WRITE, sysFlag);
  throw new ResponseError(
    ResponseCode.TOPIC_NOT_EXIST,
    `topic[${printable(target.topic)}] not exist, apply first please! Create it with mqadmin updateTopic, ` +
      'or turn on autoCreateTopicEnable',
  );
}
