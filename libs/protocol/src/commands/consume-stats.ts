/*
 * GET_CONSUME_STATS (208), admin to broker
 *   request  consumerGroup [topic] [topicList]
 *   body     of the answer: ConsumeStats
 * QUERY_TOPIC_CONSUME_BY_WHO (300), admin to broker
 *   request  topic
 *   body     of the answer: GroupList
 * QUERY_TOPICS_BY_CONSUMER (343), admin to broker
 *   request  group
 *   body     of the answer: TopicList
 * GET_ALL_CONSUMER_OFFSET (43), slave to master
 *   body     of the answer: ConsumerOffsetSerializeWrapper
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  command,
  emptyHeader,
  header,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const getConsumeStatsRequestHeader = header({
  consumerGroup: text,
  topic: optional(text),
  topicList: optional(text),
});

/** The fields of GetConsumeStats's request. */
export type GetConsumeStatsRequestHeader = HeaderType<typeof getConsumeStatsRequestHeader>;

/** The answer carries no fields. */
export type GetConsumeStatsResponseHeader = EmptyHeader;

/** How far a group has consumed. */
export const GetConsumeStats = command(
  RequestCode.GET_CONSUME_STATS,
  'GetConsumeStats',
  getConsumeStatsRequestHeader,
);

const queryTopicConsumeByWhoRequestHeader = header({
  topic: text,
});

/** The fields of QueryTopicConsumeByWho's request. */
export type QueryTopicConsumeByWhoRequestHeader = HeaderType<typeof queryTopicConsumeByWhoRequestHeader>;

/** The answer carries no fields. */
export type QueryTopicConsumeByWhoResponseHeader = EmptyHeader;

/** The groups that consume a topic. */
export const QueryTopicConsumeByWho = command(
  RequestCode.QUERY_TOPIC_CONSUME_BY_WHO,
  'QueryTopicConsumeByWho',
  queryTopicConsumeByWhoRequestHeader,
);

const queryTopicsByConsumerRequestHeader = header({
  group: text,
});

/** The fields of QueryTopicsByConsumer's request. */
export type QueryTopicsByConsumerRequestHeader = HeaderType<typeof queryTopicsByConsumerRequestHeader>;

/** The answer carries no fields. */
export type QueryTopicsByConsumerResponseHeader = EmptyHeader;

/** The topics a group consumes. */
export const QueryTopicsByConsumer = command(
  RequestCode.QUERY_TOPICS_BY_CONSUMER,
  'QueryTopicsByConsumer',
  queryTopicsByConsumerRequestHeader,
);

/** The request carries no fields. */
export type GetAllConsumerOffsetRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type GetAllConsumerOffsetResponseHeader = EmptyHeader;

/** The offsets of all groups. */
export const GetAllConsumerOffset = command(
  RequestCode.GET_ALL_CONSUMER_OFFSET,
  'GetAllConsumerOffset',
  emptyHeader,
);
