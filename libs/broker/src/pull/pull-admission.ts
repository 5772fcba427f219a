import { buildSubscription } from '@nest-rocketmq/filter';
import { RocketMQError } from '@nest-rocketmq/runtime';
import {
  isReadable,
  PullSysFlag,
  RequestCode,
  ResponseCode,
  type SubscriptionData,
  type SubscriptionGroupConfig,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import type { BrokerContext } from '../broker-context.ts';
import { messageFilter, type MessageFilter } from './message-filter.ts';
import { ForbiddenType, isRefusal, refuse, type PullRefusal } from './pull-refusal.ts';
import type { PullRequest } from './pull-request.ts';

/** A pull that is let in. */
export interface AdmittedPull {
  readonly group: SubscriptionGroupConfig;
  readonly topic: TopicConfig;
  readonly filter: MessageFilter;
}

const FORBID_READ = 4;

/** Lets a pull in or refuses it, with the checks, codes and order of PullMessageProcessor. */
export function admitPull(broker: BrokerContext, request: PullRequest): AdmittedPull | PullRefusal {
  const { config } = broker;
  if (!isReadable(config.brokerPermission)) {
    return refuse(
      ResponseCode.NO_PERMISSION,
      `the broker[${broker.address}] pulling message is forbidden`,
      ForbiddenType.BROKER,
    );
  }
  if (request.code === RequestCode.LITE_PULL_MESSAGE && !config.litePullMessageEnable) {
    const remark = `the broker[${broker.address}] for lite pull consumer is forbidden`;
    return refuse(ResponseCode.NO_PERMISSION, remark, ForbiddenType.BROKER);
  }
  const group = broker.subscriptionGroups.find(request.group);
  if (!group) {
    return refuse(
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      `subscription group [${request.group}] does not exist`,
    );
  }
  if (!group.consumeEnable) {
    return refuse(
      ResponseCode.NO_PERMISSION,
      `subscription group no permission, ${request.group}`,
      ForbiddenType.GROUP,
    );
  }
  const topic = broker.topics.select(request.topic);
  if (!topic)
    return refuse(ResponseCode.TOPIC_NOT_EXIST, `topic[${request.topic}] not exist, apply first please!`);
  if (!isReadable(topic.perm)) {
    const remark = `the topic[${request.topic}] pulling message is forbidden`;
    return refuse(ResponseCode.NO_PERMISSION, remark, ForbiddenType.TOPIC);
  }
  if (request.queueId < 0 || request.queueId >= topic.readQueueNums) {
    return refuse(
      ResponseCode.INVALID_PARAMETER,
      `queueId[${request.queueId}] is illegal, topic:[${request.topic}] topicConfig.readQueueNums:[${topic.readQueueNums}] ` +
        `consumer:[${request.connection.remoteAddress}]`,
    );
  }
  const subscription = subscriptionOf(broker, request, group);
  if (isRefusal(subscription)) return subscription;
  const filter = messageFilter(broker, request, subscription);
  return isRefusal(filter) ? filter : { group, topic, filter };
}

function subscriptionOf(
  broker: BrokerContext,
  request: PullRequest,
  config: SubscriptionGroupConfig,
): SubscriptionData | PullRefusal {
  if ((request.sysFlag & PullSysFlag.SUBSCRIPTION) !== 0) {
    try {
      return buildSubscription(request.topic, request.subscription ?? '', request.expressionType);
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      return refuse(ResponseCode.SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed");
    }
  }
  const group = broker.consumers.group(request.group);
  if (!group) return refuse(ResponseCode.SUBSCRIPTION_NOT_EXIST, "the consumer's group info not exist");
  if (!config.consumeBroadcastEnable && group.behaviour.messageModel === 'BROADCASTING') {
    const remark = `the consumer group[${request.group}] can not consume by broadcast way`;
    return refuse(ResponseCode.NO_PERMISSION, remark, ForbiddenType.BROADCASTING_DISABLE);
  }
  if ((broker.subscriptionGroups.forbidden(request.group, request.topic) & FORBID_READ) !== 0) {
    const remark = `the consumer group[${request.group}] is forbidden for topic[${request.topic}]`;
    return refuse(ResponseCode.NO_PERMISSION, remark, ForbiddenType.SUBSCRIPTION);
  }
  const subscription = group.subscriptions.get(request.topic);
  if (!subscription)
    return refuse(ResponseCode.SUBSCRIPTION_NOT_EXIST, "the consumer's subscription not exist");
  if (subscription.subVersion < request.subVersion) {
    return refuse(ResponseCode.SUBSCRIPTION_NOT_LATEST, "the consumer's subscription not latest");
  }
  return subscription;
}
