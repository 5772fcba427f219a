/*
 * ACK_MESSAGE (200051), client to broker
 *   request  consumerGroup topic queueId:i32 extraInfo offset:i64 [bname]
 * BATCH_ACK_MESSAGE (200151), client to broker
 *   body     of the request: BatchAckMessageRequestBody
 * CHANGE_MESSAGE_INVISIBLETIME (200053), client to broker
 *   request  consumerGroup topic queueId:i32 extraInfo offset:i64 invisibleTime:i64 [suspend:bool] [bname]
 *   answer   popTime:i64 invisibleTime:i64 reviveQid:i32
 *
 * extraInfo: the message's POP_CK property. topic: the one whose queue holds the message, so a revived one's retry topic.
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

const ackMessageRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  extraInfo: text,
  offset: int64,
  bname: optional(text),
});

/** The fields of AckMessage's request. */
export type AckMessageRequestHeader = HeaderType<typeof ackMessageRequestHeader>;

/** The answer carries no fields. */
export type AckMessageResponseHeader = EmptyHeader;

/** Says that a popped message is consumed. */
export const AckMessage = command(RequestCode.ACK_MESSAGE, 'AckMessage', ackMessageRequestHeader);

/** The request carries no fields. */
export type BatchAckMessageRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type BatchAckMessageResponseHeader = EmptyHeader;

/** Says that several popped messages are consumed. */
export const BatchAckMessage = command(RequestCode.BATCH_ACK_MESSAGE, 'BatchAckMessage', header({}));

const changeMessageInvisibleTimeRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  extraInfo: text,
  offset: int64,
  invisibleTime: int64,
  suspend: orElse(bool, false),
  bname: optional(text),
});

/** The fields of ChangeMessageInvisibleTime's request. */
export type ChangeMessageInvisibleTimeRequestHeader = HeaderType<
  typeof changeMessageInvisibleTimeRequestHeader
>;

const changeMessageInvisibleTimeResponseHeader = header({
  popTime: orElse(int64, 0),
  invisibleTime: orElse(int64, 0),
  reviveQid: orElse(int32, 0),
});

/** The fields of ChangeMessageInvisibleTime's answer. */
export type ChangeMessageInvisibleTimeResponseHeader = HeaderType<
  typeof changeMessageInvisibleTimeResponseHeader
>;

/** Has a popped message come again after another time than it was popped for. */
export const ChangeMessageInvisibleTime = command(
  RequestCode.CHANGE_MESSAGE_INVISIBLETIME,
  'ChangeMessageInvisibleTime',
  changeMessageInvisibleTimeRequestHeader,
  changeMessageInvisibleTimeResponseHeader,
);
