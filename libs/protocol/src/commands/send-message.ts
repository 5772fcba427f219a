/*
 * 10 (SEND_MESSAGE) and 324 (SEND_REPLY_MESSAGE), client to broker: long keys
 *   request  producerGroup topic defaultTopic defaultTopicQueueNums:i32 queueId:i32 sysFlag:i32
 *            bornTimestamp:i64 flag:i32 [properties] [reconsumeTimes:i32] [unitMode:bool]
 *            [maxReconsumeTimes:i32] [batch:bool] [bname]
 * 310 (SEND_MESSAGE_V2), 320 (SEND_BATCH_MESSAGE) and 325 (SEND_REPLY_MESSAGE_V2): the same in one letter each
 *   request  [a] b [c] [d:i32] e:i32 f:i32 g:i64 h:i32 [i] [j:i32] [k:bool] [l:i32] [m:bool] [n]
 * All of them
 *   body     of the request: the message's body, compressed where sysFlag says so; with batch, a batch body
 *   answer   msgId queueId:i32 queueOffset:i64 [transactionId] [batchUniqId] [recallHandle] [MSG_REGION] [TRACE_ON]
 *
 * Codes 0, 10, 11 and 12 are answers of a message that was stored. properties is the text encodeProperties makes.
 * Brokers accept the short form without a, c and d.
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  int64,
  named,
  optional,
  orElse,
  text,
  type HeaderType,
} from './header-codec.ts';

const longKeys = header({
  producerGroup: text,
  topic: text,
  defaultTopic: text,
  defaultTopicQueueNums: int32,
  queueId: int32,
  sysFlag: int32,
  bornTimestamp: int64,
  flag: int32,
  properties: optional(text),
  reconsumeTimes: optional(int32),
  unitMode: optional(bool),
  maxReconsumeTimes: optional(int32),
  batch: optional(bool),
  brokerName: named('bname', optional(text)),
});

const shortKeys = header({
  producerGroup: named('a', orElse(text, '')),
  topic: named('b', text),
  defaultTopic: named('c', orElse(text, '')),
  defaultTopicQueueNums: named('d', orElse(int32, 0)),
  queueId: named('e', int32),
  sysFlag: named('f', int32),
  bornTimestamp: named('g', int64),
  flag: named('h', int32),
  properties: named('i', optional(text)),
  reconsumeTimes: named('j', optional(int32)),
  unitMode: named('k', optional(bool)),
  maxReconsumeTimes: named('l', optional(int32)),
  batch: named('m', optional(bool)),
  brokerName: named('n', optional(text)),
});

const answer = header({
  msgId: text,
  queueId: int32,
  queueOffset: int64,
  transactionId: optional(text),
  batchUniqId: optional(text),
  recallHandle: optional(text),
  regionId: named('MSG_REGION', optional(text)),
  traceOn: named('TRACE_ON', optional(text)),
});

/** What a send says of its message, whichever of the two forms it comes in. */
export type SendMessageRequestHeader = HeaderType<typeof longKeys>;

/** Where a sent message went. `msgId` holds one offset message id per message of a batch, joined by commas. */
export type SendMessageResponseHeader = HeaderType<typeof answer>;

/** Sends one message, long keys. */
export const SendMessage = command(RequestCode.SEND_MESSAGE, 'SendMessage', longKeys, answer);

/** Sends one message, short keys: what Java's producer uses. */
export const SendMessageV2 = command(RequestCode.SEND_MESSAGE_V2, 'SendMessageV2', shortKeys, answer);

/** Sends several messages of one topic as one, short keys. */
export const SendBatchMessage = command(
  RequestCode.SEND_BATCH_MESSAGE,
  'SendBatchMessage',
  shortKeys,
  answer,
);

/** Sends the reply of a request-reply exchange, long keys. */
export const SendReplyMessage = command(RequestCode.SEND_REPLY_MESSAGE, 'SendReplyMessage', longKeys, answer);

/** Sends the reply of a request-reply exchange, short keys. */
export const SendReplyMessageV2 = command(
  RequestCode.SEND_REPLY_MESSAGE_V2,
  'SendReplyMessageV2',
  shortKeys,
  answer,
);
