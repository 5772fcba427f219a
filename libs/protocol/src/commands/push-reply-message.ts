/*
 * PUSH_REPLY_MESSAGE_TO_CLIENT (326), broker to client
 *   request  producerGroup topic defaultTopic defaultTopicQueueNums:i32 queueId:i32 sysFlag:i32
 *            bornTimestamp:i64 flag:i32 [properties] [reconsumeTimes:i32] [unitMode:bool] bornHost
 *            storeHost storeTimestamp:i64
 *   body     of the request: the reply's body
 *
 * Hosts are text, ip:port.
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

const pushReplyMessageToClientRequestHeader = header({
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
  unitMode: orElse(bool, false),
  bornHost: text,
  storeHost: text,
  storeTimestamp: int64,
});

/** The fields of PushReplyMessageToClient's request. */
export type PushReplyMessageToClientRequestHeader = HeaderType<typeof pushReplyMessageToClientRequestHeader>;

/** The answer carries no fields. */
export type PushReplyMessageToClientResponseHeader = EmptyHeader;

/** Brings a reply to the producer that asked. */
export const PushReplyMessageToClient = command(
  RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT,
  'PushReplyMessageToClient',
  pushReplyMessageToClientRequestHeader,
);
