/*
 * POP_MESSAGE (200050), client to broker
 *   request  consumerGroup topic queueId:i32 maxMsgNums:i32 invisibleTime:i64 pollTime:i64 bornTime:i64 initMode:i32
 *            [expType] [exp] [order:bool] [attemptId] [bname]
 *   answer   popTime:i64 invisibleTime:i64 reviveQid:i32 restNum:i64 [startOffsetInfo] [msgOffsetInfo] [orderCountInfo]
 *   body     of the answer: the records, one after the other
 * PEEK_MESSAGE (200052), client to broker
 *   request  topic queueId:i32 maxMsgNums:i32 consumerGroup [bname]
 *   answer   as PopMessage
 * NOTIFICATION (200054), client to broker
 *   request  consumerGroup topic queueId:i32 pollTime:i64 bornTime:i64 [order:bool] [attemptId] [expType] [exp] [bname]
 *   answer   hasMsg:bool [pollingFull:bool]
 * POLLING_INFO (200055), client to broker
 *   request  consumerGroup topic queueId:i32 [bname]
 *   answer   pollingNum:i32
 *
 * queueId -1: any queue. initMode: 0 the oldest message, 1 the newest. Times in milliseconds. The codes don't fit into
 * the binary header, so these commands go as JSON alone.
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
  type HeaderType,
} from './header-codec.ts';

const popMessageRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  maxMsgNums: int32,
  invisibleTime: int64,
  pollTime: int64,
  bornTime: int64,
  initMode: int32,
  expType: optional(text),
  exp: optional(text),
  order: orElse(bool, false),
  attemptId: optional(text),
  bname: optional(text),
});

/** The fields of PopMessage's request. */
export type PopMessageRequestHeader = HeaderType<typeof popMessageRequestHeader>;

const popMessageResponseHeader = header({
  popTime: orElse(int64, 0),
  invisibleTime: orElse(int64, 0),
  reviveQid: orElse(int32, 0),
  restNum: orElse(int64, 0),
  startOffsetInfo: optional(text),
  msgOffsetInfo: optional(text),
  orderCountInfo: optional(text),
});

/** The fields of PopMessage's answer. */
export type PopMessageResponseHeader = HeaderType<typeof popMessageResponseHeader>;

/** Takes messages, which other consumers of the group then don't see for a while. */
export const PopMessage = command(
  RequestCode.POP_MESSAGE,
  'PopMessage',
  popMessageRequestHeader,
  popMessageResponseHeader,
);

const peekMessageRequestHeader = header({
  topic: text,
  queueId: int32,
  maxMsgNums: int32,
  consumerGroup: text,
  bname: optional(text),
});

/** The fields of PeekMessage's request. */
export type PeekMessageRequestHeader = HeaderType<typeof peekMessageRequestHeader>;

/** The fields of PeekMessage's answer. */
export type PeekMessageResponseHeader = PopMessageResponseHeader;

/** Reads the messages that a pop would take. */
export const PeekMessage = command(
  RequestCode.PEEK_MESSAGE,
  'PeekMessage',
  peekMessageRequestHeader,
  popMessageResponseHeader,
);

const notificationRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  pollTime: int64,
  bornTime: int64,
  order: orElse(bool, false),
  attemptId: optional(text),
  expType: optional(text),
  exp: optional(text),
  bname: optional(text),
});

/** The fields of Notification's request. */
export type NotificationRequestHeader = HeaderType<typeof notificationRequestHeader>;

const notificationResponseHeader = header({ hasMsg: bool, pollingFull: orElse(bool, false) });

/** The fields of Notification's answer. */
export type NotificationResponseHeader = HeaderType<typeof notificationResponseHeader>;

/** Waits until there is something to pop. */
export const Notification = command(
  RequestCode.NOTIFICATION,
  'Notification',
  notificationRequestHeader,
  notificationResponseHeader,
);

const pollingInfoRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  bname: optional(text),
});

/** The fields of PollingInfo's request. */
export type PollingInfoRequestHeader = HeaderType<typeof pollingInfoRequestHeader>;

const pollingInfoResponseHeader = header({ pollingNum: int32 });

/** The fields of PollingInfo's answer. */
export type PollingInfoResponseHeader = HeaderType<typeof pollingInfoResponseHeader>;

/** How many pops of a group wait at a queue. */
export const PollingInfo = command(
  RequestCode.POLLING_INFO,
  'PollingInfo',
  pollingInfoRequestHeader,
  pollingInfoResponseHeader,
);
