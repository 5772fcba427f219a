/*
 * HEART_BEAT (34), client to broker
 *   answer   [IS_SUPPORT_HEART_BEAT_V2:bool]=isSupportHeartBeatV2 [IS_SUB_CHANGE:bool]=isSubChange
 *   body     of the request: HeartbeatData
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  emptyHeader,
  header,
  named,
  optional,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

/** The request carries no fields. */
export type HeartBeatRequestHeader = EmptyHeader;

const heartBeatResponseHeader = header({
  isSupportHeartBeatV2: named('IS_SUPPORT_HEART_BEAT_V2', optional(bool)),
  isSubChange: named('IS_SUB_CHANGE', optional(bool)),
});

/** The fields of HeartBeat's answer. */
export type HeartBeatResponseHeader = HeaderType<typeof heartBeatResponseHeader>;

/** Tells the broker which groups live in this client. */
export const HeartBeat = command(RequestCode.HEART_BEAT, 'HeartBeat', emptyHeader, heartBeatResponseHeader);
