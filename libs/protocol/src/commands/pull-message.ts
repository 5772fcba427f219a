/*
 * PULL_MESSAGE (11), client to broker
 *   request  consumerGroup topic queueId:i32 queueOffset:i64 maxMsgNums:i32 sysFlag:i32 [commitOffset:i64]
 *            [suspendTimeoutMillis:i64] [subscription] [subVersion:i64] [expressionType] [maxMsgBytes:i32]
 *            [requestSource:i32] [proxyFrowardClientId] [bname]
 *   answer   suggestWhichBrokerId:i64 nextBeginOffset:i64 minOffset:i64 maxOffset:i64 [offsetDelta:i64]
 *            [topicSysFlag:i32] [groupSysFlag:i32] [forbiddenType:i32]
 *   body     of the answer: the records as they stand in the commit log, one after the other
 * LITE_PULL_MESSAGE (361), client to broker
 *   request  as PullMessage
 *   answer   as PullMessage
 *
 * sysFlag: the bits of PullSysFlag. The four numbers of the answer are there on codes 0, 19, 20 and 21; brokers
 * accept requests without commitOffset, suspendTimeoutMillis and subVersion.
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, int32, int64, optional, orElse, text, type HeaderType } from './header-codec.ts';

const pullMessageRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  queueOffset: int64,
  maxMsgNums: int32,
  sysFlag: int32,
  commitOffset: orElse(int64, 0),
  suspendTimeoutMillis: orElse(int64, 0),
  subscription: optional(text),
  subVersion: orElse(int64, 0),
  expressionType: optional(text),
  maxMsgBytes: optional(int32),
  requestSource: optional(int32),
  proxyFrowardClientId: optional(text),
  bname: optional(text),
});

/** The fields of PullMessage's request. */
export type PullMessageRequestHeader = HeaderType<typeof pullMessageRequestHeader>;

const pullMessageResponseHeader = header({
  suggestWhichBrokerId: int64,
  nextBeginOffset: int64,
  minOffset: int64,
  maxOffset: int64,
  offsetDelta: optional(int64),
  topicSysFlag: optional(int32),
  groupSysFlag: optional(int32),
  forbiddenType: optional(int32),
});

/** The fields of PullMessage's answer. */
export type PullMessageResponseHeader = HeaderType<typeof pullMessageResponseHeader>;

/** Reads messages of one queue, from an offset on. */
export const PullMessage = command(
  RequestCode.PULL_MESSAGE,
  'PullMessage',
  pullMessageRequestHeader,
  pullMessageResponseHeader,
);

/** As {@link PullMessageRequestHeader}. */
export type LitePullMessageRequestHeader = PullMessageRequestHeader;

/** As {@link PullMessageResponseHeader}. */
export type LitePullMessageResponseHeader = PullMessageResponseHeader;

/** The same for consumers that pull by themselves. */
export const LitePullMessage = command(
  RequestCode.LITE_PULL_MESSAGE,
  'LitePullMessage',
  pullMessageRequestHeader,
  pullMessageResponseHeader,
);
