/*
 * UPDATE_AND_CREATE_TOPIC (17), admin to broker
 *   request  topic defaultTopic readQueueNums:i32 writeQueueNums:i32 perm:i32 topicFilterType
 *            [topicSysFlag:i32] order:bool [attributes] [force:bool]
 * GET_TOPIC_CONFIG (351), admin to broker
 *   request  topic [lo:bool]
 *   body     of the answer: TopicConfig
 * GET_ALL_TOPIC_CONFIG (21), admin to broker
 *   request  [topicSeq:i32] [dataVersion] [maxTopicNum:i32]
 *   answer   [totalTopicNum:i32]
 *   body     of the answer: TopicConfigSerializeWrapper
 * GET_TOPIC_STATS_INFO (202), admin to broker
 *   request  topic
 *   body     of the answer: TopicStatsTable
 *
 * attributes: +name=value to set and -name to remove, joined by commas.
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const updateAndCreateTopicRequestHeader = header({
  topic: text,
  defaultTopic: text,
  readQueueNums: int32,
  writeQueueNums: int32,
  perm: int32,
  topicFilterType: text,
  topicSysFlag: optional(int32),
  order: bool,
  attributes: optional(text),
  force: optional(bool),
});

/** The fields of UpdateAndCreateTopic's request. */
export type UpdateAndCreateTopicRequestHeader = HeaderType<typeof updateAndCreateTopicRequestHeader>;

/** The answer carries no fields. */
export type UpdateAndCreateTopicResponseHeader = EmptyHeader;

/** Creates a topic or changes it. */
export const UpdateAndCreateTopic = command(
  RequestCode.UPDATE_AND_CREATE_TOPIC,
  'UpdateAndCreateTopic',
  updateAndCreateTopicRequestHeader,
);

const getTopicConfigRequestHeader = header({
  topic: text,
  lo: optional(bool),
});

/** The fields of GetTopicConfig's request. */
export type GetTopicConfigRequestHeader = HeaderType<typeof getTopicConfigRequestHeader>;

/** The answer carries no fields. */
export type GetTopicConfigResponseHeader = EmptyHeader;

/** The configuration of one topic; 17 when there is none. */
export const GetTopicConfig = command(
  RequestCode.GET_TOPIC_CONFIG,
  'GetTopicConfig',
  getTopicConfigRequestHeader,
);

const getAllTopicConfigRequestHeader = header({
  topicSeq: optional(int32),
  dataVersion: optional(text),
  maxTopicNum: optional(int32),
});

/** The fields of GetAllTopicConfig's request. */
export type GetAllTopicConfigRequestHeader = HeaderType<typeof getAllTopicConfigRequestHeader>;

const getAllTopicConfigResponseHeader = header({
  totalTopicNum: optional(int32),
});

/** The fields of GetAllTopicConfig's answer. */
export type GetAllTopicConfigResponseHeader = HeaderType<typeof getAllTopicConfigResponseHeader>;

/** The configuration of all topics, or of a page of them. */
export const GetAllTopicConfig = command(
  RequestCode.GET_ALL_TOPIC_CONFIG,
  'GetAllTopicConfig',
  getAllTopicConfigRequestHeader,
  getAllTopicConfigResponseHeader,
);

const getTopicStatsInfoRequestHeader = header({
  topic: text,
});

/** The fields of GetTopicStatsInfo's request. */
export type GetTopicStatsInfoRequestHeader = HeaderType<typeof getTopicStatsInfoRequestHeader>;

/** The answer carries no fields. */
export type GetTopicStatsInfoResponseHeader = EmptyHeader;

/** The offsets of all queues of a topic. */
export const GetTopicStatsInfo = command(
  RequestCode.GET_TOPIC_STATS_INFO,
  'GetTopicStatsInfo',
  getTopicStatsInfoRequestHeader,
);
