/*
 * RESET_CONSUMER_CLIENT_OFFSET (220), broker to client, one-way
 *   request  group topic [queueId:i32] [offset:i64] timestamp:i64 isForce:bool
 *   body     of the request: ResetOffsetBody
 * INVOKE_BROKER_TO_RESET_OFFSET (222), admin to broker
 *   request  as ResetConsumerClientOffset
 *   body     of the answer: ResetOffsetBody
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

const resetConsumerClientOffsetRequestHeader = header({
  group: text,
  topic: text,
  queueId: orElse(int32, -1),
  offset: optional(int64),
  timestamp: int64,
  isForce: bool,
});

/** The fields of ResetConsumerClientOffset's request. */
export type ResetConsumerClientOffsetRequestHeader = HeaderType<
  typeof resetConsumerClientOffsetRequestHeader
>;

/** The answer carries no fields. */
export type ResetConsumerClientOffsetResponseHeader = EmptyHeader;

/** Makes a consumer go on from other offsets. */
export const ResetConsumerClientOffset = command(
  RequestCode.RESET_CONSUMER_CLIENT_OFFSET,
  'ResetConsumerClientOffset',
  resetConsumerClientOffsetRequestHeader,
);

/** As {@link ResetConsumerClientOffsetRequestHeader}. */
export type InvokeBrokerToResetOffsetRequestHeader = ResetConsumerClientOffsetRequestHeader;

/** The answer carries no fields. */
export type InvokeBrokerToResetOffsetResponseHeader = EmptyHeader;

/** Resets the offsets of a group, by time or to an offset. */
export const InvokeBrokerToResetOffset = command(
  RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
  'InvokeBrokerToResetOffset',
  resetConsumerClientOffsetRequestHeader,
);
