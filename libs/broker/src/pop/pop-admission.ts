import { buildSubscription, isTagType, matchesTagsCode } from '@nest-rocketmq/filter';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { isReadable, MixAll, ResponseCode, type TopicConfig } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import type { MessageFilter } from '../pull/message-filter.ts';
import { MAX_POP_NUMS } from './pop-parts.ts';

/** What the commands that take or look at messages have in common. */
export interface PopTarget {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
}

/** A request that comes later than this after its time is over is stale: nobody waits for the answer. */
const STALE_MS = 500;
const ALL: MessageFilter = {};

/** @throws ResponseError POLLING_TIMEOUT (210) for a request that nobody can be waiting for any more */
export function refuseStale(broker: BrokerContext, bornTime: number, pollTime: number): void {
  if (broker.clock.now() - bornTime - pollTime <= STALE_MS) return;
  const remark = `the broker[${broker.address}] pop message is timeout too much`;
  throw new ResponseError(ResponseCode.POLLING_TIMEOUT, remark);
}

/** @throws ResponseError 29 for more than 32 messages or a time that timers can't keep, 1 where there are no timers */
export function checkPopLimits(broker: BrokerContext, maxMsgNums: number, invisibleTime: number): void {
  const { config } = broker;
  if (maxMsgNums > MAX_POP_NUMS) {
    const remark = `the broker[${broker.address}] pop message's num is greater than ${MAX_POP_NUMS}`;
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, remark);
  }
  if (!config.timerWheelEnable) {
    const remark = `the broker[${broker.address}] pop message is forbidden because timerWheelEnable is false`;
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
  }
  checkInvisibleTime(broker, invisibleTime);
}

/** @throws ResponseError 29 for a time that the broker's timers can't keep */
export function checkInvisibleTime(broker: BrokerContext, invisibleTime: number): void {
  const most = broker.config.timerMaxDelaySec * 1000;
  if (invisibleTime >= 0 && invisibleTime <= most) return;
  throw new ResponseError(
    ResponseCode.INVALID_PARAMETER,
    `invisibleTime[${invisibleTime}] is illegal: it must be between 0 and ${most} milliseconds (timerMaxDelaySec)`,
  );
}

/**
 * Lets a request in, with the checks, codes and order of PopMessageProcessor.
 * @returns the topic's configuration
 * @throws ResponseError 16, 17, 26 or 29
 */
export function admitPop(broker: BrokerContext, target: PopTarget, remoteAddress: string): TopicConfig {
  if (!isReadable(broker.config.brokerPermission)) {
    const remark = `the broker[${broker.address}] pop message is forbidden`;
    throw new ResponseError(ResponseCode.NO_PERMISSION, remark);
  }
  const topic = broker.topics.select(target.topic);
  if (!topic) {
    const remark = `topic[${target.topic}] not exist, apply first please!`;
    throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, remark);
  }
  if (!isReadable(topic.perm)) {
    const remark = `the topic[${target.topic}] peeking message is forbidden`;
    throw new ResponseError(ResponseCode.NO_PERMISSION, remark);
  }
  if (target.queueId >= topic.readQueueNums) {
    throw new ResponseError(
      ResponseCode.INVALID_PARAMETER,
      `queueId[${target.queueId}] is illegal, topic:[${target.topic}] ` +
        `topicConfig.readQueueNums:[${topic.readQueueNums}] consumer:[${remoteAddress}]`,
    );
  }
  const group = broker.subscriptionGroups.find(target.consumerGroup);
  if (!group) {
    const remark = `subscription group [${target.consumerGroup}] does not exist`;
    throw new ResponseError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark);
  }
  if (!group.consumeEnable) {
    const remark = `subscription group no permission, ${target.consumerGroup}`;
    throw new ResponseError(ResponseCode.NO_PERMISSION, remark);
  }
  return topic;
}

/**
 * Which messages a pop wants.
 * @throws ResponseError SUBSCRIPTION_PARSE_FAILED (23)
 */
export function popFilter(
  broker: BrokerContext,
  topic: string,
  expression: string | undefined,
  type: string | undefined,
): MessageFilter {
  if (expression === undefined || expression === '') return ALL;
  try {
    const subscription = buildSubscription(topic, expression, type);
    if (!isTagType(subscription.expressionType)) {
      const matchesProperties = broker.sqlFilters.compile(expression, subscription.expressionType);
      return { matchesProperties };
    }
    if (subscription.subString === MixAll.SUB_ALL) return ALL;
    return { matches: (tagsCode) => matchesTagsCode(subscription, tagsCode) };
  } catch (error) {
    if (!(error instanceof RocketMQError)) throw error;
    throw new ResponseError(
      ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      `parse the consumer's subscription failed: ${error.message}`,
    );
  }
}
