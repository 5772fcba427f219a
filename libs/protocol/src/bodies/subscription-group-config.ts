import {
  anyJson,
  boolean,
  integer,
  list,
  mapOf,
  maybe,
  record,
  string,
  type ShapeType,
} from '../json/shape.ts';
import { jsonBody } from './body-codec.ts';
import { dataVersion } from './data-version.ts';

const simpleSubscriptionData = record({
  topic: string(),
  expressionType: string('TAG'),
  expression: string(),
  version: integer(),
});

const subscriptionGroupConfig = record({
  groupName: string(),
  consumeEnable: boolean(true),
  consumeFromMinEnable: boolean(true),
  consumeBroadcastEnable: boolean(true),
  consumeMessageOrderly: boolean(),
  retryQueueNums: integer(1),
  retryMaxTimes: integer(16),
  groupRetryPolicy: maybe(anyJson()),
  brokerId: integer(),
  whichBrokerWhenConsumeSlowly: integer(1),
  notifyConsumerIdsChangedEnable: boolean(true),
  groupSysFlag: integer(),
  consumeTimeoutMinute: integer(15),
  subscriptionDataSet: maybe(list(simpleSubscriptionData)),
  attributes: mapOf(string()),
});

/** The configuration of a consumer group on one broker. What a writer leaves out has RocketMQ's default. */
export type SubscriptionGroupConfig = ShapeType<typeof subscriptionGroupConfig>;

/** The body of a group's creation (200) and of its configuration (352). */
export const SubscriptionGroupConfig = jsonBody(subscriptionGroupConfig);

/** A group with RocketMQ's defaults. */
export function defaultSubscriptionGroupConfig(groupName: string): SubscriptionGroupConfig {
  return { ...subscriptionGroupConfig.decode(null, ''), groupName };
}

const subscriptionGroupWrapper = record({
  subscriptionGroupTable: mapOf(subscriptionGroupConfig),
  forbiddenTable: mapOf(mapOf(integer())),
  dataVersion,
});

/** All groups of a broker, which topics they may not read, and which state of them this is. */
export type SubscriptionGroupWrapper = ShapeType<typeof subscriptionGroupWrapper>;

/** The body of the answer with all groups (201). */
export const SubscriptionGroupWrapper = jsonBody(subscriptionGroupWrapper);
