/*
 * CHECK_TRANSACTION_STATE (39), broker to client, one-way
 *   request  [topic] tranStateTableOffset:i64 commitLogOffset:i64 [msgId] [transactionId] [offsetMsgId]
 *            [bname]
 *   answer   producerGroup tranStateTableOffset:i64 commitLogOffset:i64 commitOrRollback:i32
 *   body     of the request: one record
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, int32, int64, optional, text, type HeaderType } from './header-codec.ts';

const checkTransactionStateRequestHeader = header({
  topic: optional(text),
  tranStateTableOffset: int64,
  commitLogOffset: int64,
  msgId: optional(text),
  transactionId: optional(text),
  offsetMsgId: optional(text),
  bname: optional(text),
});

/** The fields of CheckTransactionState's request. */
export type CheckTransactionStateRequestHeader = HeaderType<typeof checkTransactionStateRequestHeader>;

const checkTransactionStateResponseHeader = header({
  producerGroup: text,
  tranStateTableOffset: int64,
  commitLogOffset: int64,
  commitOrRollback: int32,
});

/** The fields of CheckTransactionState's answer. */
export type CheckTransactionStateResponseHeader = HeaderType<typeof checkTransactionStateResponseHeader>;

/** Asks a producer what became of its transaction. */
export const CheckTransactionState = command(
  RequestCode.CHECK_TRANSACTION_STATE,
  'CheckTransactionState',
  checkTransactionStateRequestHeader,
  checkTransactionStateResponseHeader,
);
