/*
 * UPDATE_CONSUMER_OFFSET (15), client to broker, usually one-way
 *   request  consumerGroup topic queueId:i32 commitOffset:i64 [bname]
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  command,
  header,
  int32,
  int64,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const updateConsumerOffsetRequestHeader = header({
  consumerGroup: text,
  topic: text,
  queueId: int32,
  commitOffset: int64,
  bname: optional(text),
});

/** The fields of UpdateConsumerOffset's request. */
export type UpdateConsumerOffsetRequestHeader = HeaderType<typeof updateConsumerOffsetRequestHeader>;

/** The answer carries no fields. */
export type UpdateConsumerOffsetResponseHeader = EmptyHeader;

/** Stores the offset a group has consumed a queue up to. */
export const UpdateConsumerOffset = command(
  RequestCode.UPDATE_CONSUMER_OFFSET,
  'UpdateConsumerOffset',
  updateConsumerOffsetRequestHeader,
);
