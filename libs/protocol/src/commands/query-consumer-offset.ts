/*
 * QUERY_CONSUMER_OFFSET (14), client to broker
 *   request  consumerGroup topic queueId:i32 [setZeroIfNotFound:bool] [bname]
 *   answer   offset:i64
 */
import { RequestCode } from '../codes/request-code.ts';
import { bool, command, header, int32, int64, optional, text, type HeaderType } from './header-codec.ts';

const queryConsumerOffsetRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  setZeroIfNotFound: optional(bool),
  bname: optional(text),
});

/** The fields of QueryConsumerOffset's request. */
export type QueryConsumerOffsetRequestHeader = HeaderType<typeof queryConsumerOffsetRequestHeader>;

const queryConsumerOffsetResponseHeader = header({
  offset: int64,
});

/** The fields of QueryConsumerOffset's answer. */
export type QueryConsumerOffsetResponseHeader = HeaderType<typeof queryConsumerOffsetResponseHeader>;

/** The offset a group has consumed a queue up to. */
export const QueryConsumerOffset = command(
  RequestCode.QUERY_CONSUMER_OFFSET,
  'QueryConsumerOffset',
  queryConsumerOffsetRequestHeader,
  queryConsumerOffsetResponseHeader,
);
