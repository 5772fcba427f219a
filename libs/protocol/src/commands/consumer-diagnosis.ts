/*
 * GET_CONSUMER_RUNNING_INFO (307), admin to broker to client
 *   request  consumerGroup clientId [jstackEnable:bool]
 *   body     of the answer: ConsumerRunningInfo
 * CONSUME_MESSAGE_DIRECTLY (309), admin to broker to client
 *   request  consumerGroup [clientId] [msgId] [brokerName] [topic] [topicSysFlag:i32] [groupSysFlag:i32]
 *   body     of the forwarded request: one record; of the answer: ConsumeMessageDirectlyResult
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  optional,
  orElse,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const getConsumerRunningInfoRequestHeader = header({
  consumerGroup: text,
  clientId: text,
  jstackEnable: orElse(bool, false),
});

/** The fields of GetConsumerRunningInfo's request. */
export type GetConsumerRunningInfoRequestHeader = HeaderType<typeof getConsumerRunningInfoRequestHeader>;

/** The answer carries no fields. */
export type GetConsumerRunningInfoResponseHeader = EmptyHeader;

/** What a consumer does at the moment. */
export const GetConsumerRunningInfo = command(
  RequestCode.GET_CONSUMER_RUNNING_INFO,
  'GetConsumerRunningInfo',
  getConsumerRunningInfoRequestHeader,
);

const consumeMessageDirectlyRequestHeader = header({
  consumerGroup: text,
  clientId: optional(text),
  msgId: optional(text),
  brokerName: optional(text),
  topic: optional(text),
  topicSysFlag: optional(int32),
  groupSysFlag: optional(int32),
});

/** The fields of ConsumeMessageDirectly's request. */
export type ConsumeMessageDirectlyRequestHeader = HeaderType<typeof consumeMessageDirectlyRequestHeader>;

/** The answer carries no fields. */
export type ConsumeMessageDirectlyResponseHeader = EmptyHeader;

/** Has one consumer consume one message. */
export const ConsumeMessageDirectly = command(
  RequestCode.CONSUME_MESSAGE_DIRECTLY,
  'ConsumeMessageDirectly',
  consumeMessageDirectlyRequestHeader,
);
