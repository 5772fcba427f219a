import type { TransactionSendOptions } from '@nest-rocketmq/client';
import { parseDuration, RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import type { RocketMQLocalTransactionListener } from '../decorators/transaction-listener.ts';
import type { SendOptions } from '../template/send-options.ts';
import { TRANSACTION_CHECKER, type TransactionListeners } from './transaction-listeners.ts';

/** How to send one message in a transaction. It can't be delayed. */
export interface TransactionOptions<Arg = unknown> extends Omit<
  SendOptions,
  'delay' | 'deliverAt' | 'recallable'
> {
  /** Handed to `executeLocalTransaction`, or to `execute`. */
  arg?: Arg;
  /** Runs the local transaction, in place of the listener's `executeLocalTransaction`. */
  execute?: NonNullable<RocketMQLocalTransactionListener<Arg>['executeLocalTransaction']>;
  /** The `@RocketMQTransactionListener` of this name answers for the transaction, in place of the topic's. */
  checker?: string;
  /**
   * The broker asks for this transaction no sooner than so long after it was sent (whole seconds). Default: the broker's
   * `transactionTimeOut`, 6 s. From then on only what it is told when it asks ends the transaction.
   */
  checkAfter?: Duration;
}

/**
 * What the client is to be told of the options of a transaction.
 * @throws RocketMQError `INVALID_ARGUMENT` when one is wrong, or nobody could answer for the transaction
 */
export function transactionSendOptions<Arg>(
  topic: string,
  options: TransactionOptions<Arg>,
  listeners: TransactionListeners,
): Pick<TransactionSendOptions, 'execute' | 'checkImmunityTimeInSeconds'> {
  const sendOptions = { execute: listeners.executerOf(topic, options.checker, options.execute) };
  if (options.checkAfter === undefined) return sendOptions;
  const milliseconds = parseDuration(options.checkAfter);
  if (milliseconds < 1000)
    throw new RocketMQError('INVALID_ARGUMENT', `checkAfter is at least 1s, not ${options.checkAfter}`);
  return { ...sendOptions, checkImmunityTimeInSeconds: Math.ceil(milliseconds / 1000) };
}

/** The properties by which any replica finds who answers for a transaction. */
export function transactionHeaders({ checker }: Pick<TransactionOptions, 'checker'>): Record<string, string> {
  return checker === undefined ? {} : { [TRANSACTION_CHECKER]: checker };
}
