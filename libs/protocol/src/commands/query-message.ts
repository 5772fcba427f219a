/*
 * QUERY_MESSAGE (12), client to broker
 *   request  topic key maxNum:i32 beginTimestamp:i64 endTimestamp:i64 [indexType] [lastKey]
 *            [_UNIQUE_KEY_QUERY:bool]=uniqueKeyQuery [bname]
 *   answer   indexLastUpdateTimestamp:i64 indexLastUpdatePhyoffset:i64
 *   body     of the answer: records, one after the other
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
  text,
  type HeaderType,
} from './header-codec.ts';

const queryMessageRequestHeader = header({
  topic: text,
  key: text,
  maxNum: int32,
  beginTimestamp: int64,
  endTimestamp: int64,
  indexType: optional(text),
  lastKey: optional(text),
  uniqueKeyQuery: named('_UNIQUE_KEY_QUERY', optional(bool)),
  bname: optional(text),
});

/** The fields of QueryMessage's request. */
export type QueryMessageRequestHeader = HeaderType<typeof queryMessageRequestHeader>;

const queryMessageResponseHeader = header({
  indexLastUpdateTimestamp: int64,
  indexLastUpdatePhyoffset: int64,
});

/** The fields of QueryMessage's answer. */
export type QueryMessageResponseHeader = HeaderType<typeof queryMessageResponseHeader>;

/** Messages by key, or by unique id with `uniqueKeyQuery`. */
export const QueryMessage = command(
  RequestCode.QUERY_MESSAGE,
  'QueryMessage',
  queryMessageRequestHeader,
  queryMessageResponseHeader,
);
