import 'reflect-metadata';
import type { MessageExt, TransactionMessage } from '@nest-rocketmq/client';
import type { Configurable } from './listener-attributes.ts';

const TRANSACTION_LISTENER_METADATA = Symbol.for('nest-rocketmq.transaction-listener');

/** What became of a local transaction; the texts alone will do, too. `UNKNOWN`: the broker asks again. */
export const RocketMQLocalTransactionState = {
  COMMIT: 'COMMIT',
  ROLLBACK: 'ROLLBACK',
  UNKNOWN: 'UNKNOWN',
} as const;
export type RocketMQLocalTransactionState =
  (typeof RocketMQLocalTransactionState)[keyof typeof RocketMQLocalTransactionState];

/** What a class with `@RocketMQTransactionListener` implements. */
export interface RocketMQLocalTransactionListener<Arg = unknown> {
  /**
   * Runs the local transaction of a message that `sendMessageInTransaction` has just sent. Throwing leaves the transaction
   * open: the broker asks later. Not needed where transactions are sent with an `execute` of their own.
   */
  executeLocalTransaction?(
    message: TransactionMessage,
    arg: Arg,
  ): RocketMQLocalTransactionState | Promise<RocketMQLocalTransactionState>;
  /**
   * Tells how the transaction of a message ended, of any replica of the application: read it from what the local
   * transaction wrote. Asked again when it throws or says `UNKNOWN`.
   */
  checkLocalTransaction(
    message: MessageExt,
  ): RocketMQLocalTransactionState | Promise<RocketMQLocalTransactionState>;
}

/** The attributes of `@RocketMQTransactionListener`. */
export interface TransactionListenerAttributes {
  /** The topic, or topics, whose transactions it runs and answers for. Default: all that no other listener has. */
  topic?: Configurable<string | readonly string[]>;
  /**
   * The name by which `sendMessageInTransaction` finds it, as `checker`. It travels with the message, so that any replica
   * that has a listener of that name can answer: keep it when the class is renamed.
   */
  name?: Configurable<string>;
  /** The connection's name. Default: the unnamed one. */
  connection?: Configurable<string>;
}

/** Makes a provider run the local transactions of a topic, or those that name it, and answer brokers that ask for them. */
export function RocketMQTransactionListener(attributes: TransactionListenerAttributes = {}): ClassDecorator {
  return (target) => Reflect.defineMetadata(TRANSACTION_LISTENER_METADATA, attributes, target);
}

/** The attributes a class was decorated with; undefined when it was not. */
export function transactionListenerAttributes(type: object): TransactionListenerAttributes | undefined {
  return Reflect.getMetadata(TRANSACTION_LISTENER_METADATA, type) as
    TransactionListenerAttributes | undefined;
}
