import { isTagType, matchesTagsCode } from '@nest-rocketmq/filter';
import {
  findProperty,
  MessageConst,
  MixAll,
  PullSysFlag,
  ResponseCode,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';
import type { PullRequest } from './pull-request.ts';
import { refuse, type PullRefusal } from './pull-refusal.ts';
import type { PropertiesFilter } from './sql-filters.ts';

/** Which messages a pull wants. What is undefined lets every message pass. */
export interface MessageFilter {
  /** By the tags code of the consume queue's entry. */
  readonly matches?: ((tagsCode: number) => boolean) | undefined;
  /** By the properties of the record, after `matches`. */
  readonly matchesProperties?: PropertiesFilter | undefined;
}

const EVERYTHING: MessageFilter = {};

/**
 * The filter of a pull's subscription (ExpressionMessageFilter, and ExpressionForRetryMessageFilter under
 * `filterSupportRetry`), or why there is none: SQL92 that is switched off (`enablePropertyFilter`) or can't be compiled.
 */
export function messageFilter(
  broker: BrokerContext,
  request: PullRequest,
  subscription: SubscriptionData,
): MessageFilter | PullRefusal {
  if (!isTagType(subscription.expressionType)) return sqlFilter(broker, request, subscription);
  if (broker.config.filterSupportRetry && request.topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX))
    return { ...tagFilter(subscription), matchesProperties: retryFilter(broker, request.group) };
  return tagFilter(subscription);
}

function tagFilter(subscription: SubscriptionData): MessageFilter {
  if (subscription.subString === MixAll.SUB_ALL) return EVERYTHING;
  return { matches: (tagsCode) => matchesTagsCode(subscription, tagsCode) };
}

function sqlFilter(
  broker: BrokerContext,
  request: PullRequest,
  subscription: SubscriptionData,
): MessageFilter | PullRefusal {
  const { expressionType, subString } = subscription;
  const filter = compiled(broker, subString, expressionType);
  const failed = filter instanceof RocketMQError;
  const carried = (request.sysFlag & PullSysFlag.SUBSCRIPTION) !== 0;
  if (failed && !carried) {
    return refuse(
      ResponseCode.FILTER_DATA_NOT_EXIST,
      "The broker's consumer filter data is not exist!Your expression may be wrong!",
    );
  }
  if (!broker.config.enablePropertyFilter)
    return refuse(ResponseCode.SYSTEM_ERROR, propertyFilterOff(expressionType));
  // RocketMQ delivers everything then, which nobody asked for.
  if (failed) {
    const remark = `parse the consumer's subscription failed: ${filter.message}`;
    return refuse(ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark);
  }
  return subscription.classFilterMode ? EVERYTHING : { matchesProperties: filter };
}

/** What a consumer is told that filters by properties where `enablePropertyFilter` is off. */
export function propertyFilterOff(expressionType: string): string {
  return `The broker does not support consumer to filter message by ${expressionType}`;
}

/** A message that comes again must match what the group subscribes to at the topic it came from. */
function retryFilter(broker: BrokerContext, group: string): PropertiesFilter {
  return (properties) => {
    const { bytes, start, end } = properties;
    const topic = findProperty(bytes, start, end, MessageConst.PROPERTY_RETRY_TOPIC);
    if (!topic) return true;
    const data = broker.consumerFilters.get(bytes.toString('utf8', topic.start, topic.end), group);
    if (!data) return true;
    const filter = compiled(broker, data.expression, data.expressionType);
    return filter instanceof RocketMQError || filter(properties);
  };
}

function compiled(
  broker: BrokerContext,
  expression: string,
  expressionType: string,
): PropertiesFilter | RocketMQError {
  try {
    return broker.sqlFilters.compile(expression, expressionType);
  } catch (error) {
    if (error instanceof RocketMQError) return error;
    throw error;
  }
}
