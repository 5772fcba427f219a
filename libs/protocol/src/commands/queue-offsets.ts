/*
 * SEARCH_OFFSET_BY_TIMESTAMP (29), client to broker
 *   request  topic queueId:i32 timestamp:i64 [boundaryType:LOWER|UPPER] [bname]
 *   answer   offset:i64
 * GET_MAX_OFFSET (30), client to broker
 *   request  topic queueId:i32 [committed:bool] [bname]
 *   answer   offset:i64
 * GET_MIN_OFFSET (31), client to broker
 *   request  topic queueId:i32 [bname]
 *   answer   offset:i64
 * GET_EARLIEST_MSG_STORETIME (32), client to broker
 *   request  topic queueId:i32 [bname]
 *   answer   timestamp:i64
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  int64,
  oneOf,
  optional,
  text,
  type HeaderType,
} from './header-codec.ts';

const searchOffsetByTimestampRequestHeader = header({
  topic: text,
  queueId: int32,
  timestamp: int64,
  boundaryType: optional(oneOf('LOWER', 'UPPER')),
  bname: optional(text),
});

/** The fields of SearchOffsetByTimestamp's request. */
export type SearchOffsetByTimestampRequestHeader = HeaderType<typeof searchOffsetByTimestampRequestHeader>;

const searchOffsetByTimestampResponseHeader = header({
  offset: int64,
});

/** The fields of SearchOffsetByTimestamp's answer. */
export type SearchOffsetByTimestampResponseHeader = HeaderType<typeof searchOffsetByTimestampResponseHeader>;

/** The offset of the first message stored at or after a time (LOWER), or of the last one at it (UPPER). */
export const SearchOffsetByTimestamp = command(
  RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
  'SearchOffsetByTimestamp',
  searchOffsetByTimestampRequestHeader,
  searchOffsetByTimestampResponseHeader,
);

const getMaxOffsetRequestHeader = header({
  topic: text,
  queueId: int32,
  committed: optional(bool),
  bname: optional(text),
});

/** The fields of GetMaxOffset's request. */
export type GetMaxOffsetRequestHeader = HeaderType<typeof getMaxOffsetRequestHeader>;

const getMaxOffsetResponseHeader = header({
  offset: int64,
});

/** The fields of GetMaxOffset's answer. */
export type GetMaxOffsetResponseHeader = HeaderType<typeof getMaxOffsetResponseHeader>;

/** The offset the next message of a queue will have. */
export const GetMaxOffset = command(
  RequestCode.GET_MAX_OFFSET,
  'GetMaxOffset',
  getMaxOffsetRequestHeader,
  getMaxOffsetResponseHeader,
);

const getMinOffsetRequestHeader = header({
  topic: text,
  queueId: int32,
  bname: optional(text),
});

/** The fields of GetMinOffset's request. */
export type GetMinOffsetRequestHeader = HeaderType<typeof getMinOffsetRequestHeader>;

const getMinOffsetResponseHeader = header({
  offset: int64,
});

/** The fields of GetMinOffset's answer. */
export type GetMinOffsetResponseHeader = HeaderType<typeof getMinOffsetResponseHeader>;

/** The offset of the oldest message still there. */
export const GetMinOffset = command(
  RequestCode.GET_MIN_OFFSET,
  'GetMinOffset',
  getMinOffsetRequestHeader,
  getMinOffsetResponseHeader,
);

const getEarliestMsgStoretimeRequestHeader = header({
  topic: text,
  queueId: int32,
  bname: optional(text),
});

/** The fields of GetEarliestMsgStoretime's request. */
export type GetEarliestMsgStoretimeRequestHeader = HeaderType<typeof getEarliestMsgStoretimeRequestHeader>;

const getEarliestMsgStoretimeResponseHeader = header({
  timestamp: int64,
});

/** The fields of GetEarliestMsgStoretime's answer. */
export type GetEarliestMsgStoretimeResponseHeader = HeaderType<typeof getEarliestMsgStoretimeResponseHeader>;

/** When the oldest message still there was stored, in ms; -1 when there is none. */
export const GetEarliestMsgStoretime = command(
  RequestCode.GET_EARLIEST_MSG_STORETIME,
  'GetEarliestMsgStoretime',
  getEarliestMsgStoretimeRequestHeader,
  getEarliestMsgStoretimeResponseHeader,
);
