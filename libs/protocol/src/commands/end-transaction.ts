/*
 * END_TRANSACTION (37), client to broker, one-way
 *   request  [topic] producerGroup tranStateTableOffset:i64 commitLogOffset:i64 commitOrRollback:i32
 *            [fromTransactionCheck:bool] msgId [transactionId] [bname]
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  int64,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const endTransactionRequestHeader = header({
  topic: optional(text),
  producerGroup: text,
  tranStateTableOffset: int64,
  commitLogOffset: int64,
  commitOrRollback: int32,
  fromTransactionCheck: optional(bool),
  msgId: text,
  transactionId: optional(text),
  bname: optional(text),
});

/** The fields of EndTransaction's request. */
export type EndTransactionRequestHeader = HeaderType<typeof endTransactionRequestHeader>;

/** The answer carries no fields. */
export type EndTransactionResponseHeader = EmptyHeader;

/** Commits (8), rolls back (12) or leaves open (0) a half message. */
export const EndTransaction = command(
  RequestCode.END_TRANSACTION,
  'EndTransaction',
  endTransactionRequestHeader,
);
