import type { Message, MessageExt, SendResult } from '../message/message.ts';
import type { SendOptions } from './send-options.ts';

/** What became of a local transaction. */
export const LocalTransactionState = {
  /** The message may be delivered. */
  COMMIT_MESSAGE: 'COMMIT_MESSAGE',
  /** The message is never delivered. */
  ROLLBACK_MESSAGE: 'ROLLBACK_MESSAGE',
  /** It isn't known yet: the broker asks again. */
  UNKNOW: 'UNKNOW',
} as const;
export type LocalTransactionState = (typeof LocalTransactionState)[keyof typeof LocalTransactionState];

/** The message of a transaction, once the broker has its half. */
export interface TransactionMessage extends Message {
  /** The message's id, which is the transaction's, too: a consumer sees the same. */
  readonly transactionId: string;
}

/** Runs the local transaction of a message. */
export type LocalTransactionExecuter = (
  message: TransactionMessage,
  arg: unknown,
) => LocalTransactionState | Promise<LocalTransactionState>;

/** Runs local transactions, and tells how they ended. */
export interface TransactionListener {
  /**
   * Runs the local transaction, now that the broker has the half message. Whoever throws leaves the transaction open
   * (`UNKNOW`): the broker asks later.
   */
  executeLocalTransaction: LocalTransactionExecuter;
  /**
   * Tells how a transaction ended that the broker didn't hear about: of any producer of the group, in this process or
   * another one. It is asked again when this throws.
   */
  checkLocalTransaction(message: MessageExt): LocalTransactionState | Promise<LocalTransactionState>;
}

/** What one call of `sendMessageInTransaction` can say differently from its producer. */
export interface TransactionSendOptions extends SendOptions {
  /** Runs this message's local transaction, in place of the listener. */
  execute?: LocalTransactionExecuter;
  /**
   * Seconds after which the broker asks for this transaction for the first time, in place of its `transactionTimeOut`
   * (6 s). From then on only what it is told when it asks ends the transaction, so leave the local transaction time.
   */
  checkImmunityTimeInSeconds?: number;
}

/** The result of a send in a transaction. */
export interface TransactionSendResult extends SendResult {
  /** What the broker was told of the transaction. */
  readonly localTransactionState: LocalTransactionState;
  /** What the local transaction failed with; undefined when it did not. */
  readonly localException: unknown;
}
