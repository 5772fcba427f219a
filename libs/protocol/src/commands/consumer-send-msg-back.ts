/*
 * CONSUMER_SEND_MSG_BACK (36), client to broker
 *   request  offset:i64 group delayLevel:i32 [originMsgId] [originTopic] [unitMode:bool]
 *            [maxReconsumeTimes:i32] [bname]
 *
 * offset is the place in the commit log; delayLevel 0 leaves the delay to the broker, below 0 means the dead
 * letter queue at once.
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  int64,
  optional,
  orElse,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const consumerSendMsgBackRequestHeader = header({
  offset: int64,
  group: text,
  delayLevel: int32,
  originMsgId: optional(text),
  originTopic: optional(text),
  unitMode: orElse(bool, false),
  maxReconsumeTimes: optional(int32),
  bname: optional(text),
});

/** The fields of ConsumerSendMsgBack's request. */
export type ConsumerSendMsgBackRequestHeader = HeaderType<typeof consumerSendMsgBackRequestHeader>;

/** The answer carries no fields. */
export type ConsumerSendMsgBackResponseHeader = EmptyHeader;

/** Asks the broker to deliver a message again later. */
export const ConsumerSendMsgBack = command(
  RequestCode.CONSUMER_SEND_MSG_BACK,
  'ConsumerSendMsgBack',
  consumerSendMsgBackRequestHeader,
);
