import type {
  DefaultLitePullConsumer,
  MessageQueueSelector,
  SendResult,
  TransactionMQProducer,
} from '@nest-rocketmq/client';
import type { Logger } from '@nest-rocketmq/runtime';
import type { MessageConverter } from '../conversion/message-converter.ts';
import type { TransactionListeners } from '../transaction/transaction-listeners.ts';

/** The part of a producer that a template uses. */
export type TemplateProducer = Pick<
  TransactionMQProducer,
  | 'send'
  | 'sendBatch'
  | 'sendOneway'
  | 'request'
  | 'reply'
  | 'sendMessageInTransaction'
  | 'recallMessage'
  | 'fetchBrokerVersions'
>;

/** The part of a pull consumer that a template uses. */
export type TemplatePullConsumer = Pick<DefaultLitePullConsumer, 'poll'>;

/** What a template sends through. */
export interface TemplateConnection {
  /** @throws RocketMQError `WRONG_STATE` before the connection was started and after it was closed */
  readonly producer: TemplateProducer;
  /** @throws RocketMQError `INVALID_CONFIG` without the option `pullConsumer`, `WRONG_STATE` as {@link producer} */
  readonly pullConsumer: TemplatePullConsumer;
  readonly converter: MessageConverter;
  /** The largest batch, in bytes. */
  readonly maxMessageSize: number;
  readonly logger: Logger;
  /** Who runs local transactions, and answers for them. */
  readonly transactions: TransactionListeners;
  /** Chooses the queue of a hash key; default: Java's hash of it. */
  readonly messageQueueSelector?: MessageQueueSelector | undefined;
  /** Where `convertAndSend(payload)` sends to. */
  readonly defaultDestination?: string | undefined;
}

/** For `asyncSend`, as in rocketmq-spring. */
export interface SendCallback {
  /** The broker has the message. */
  onSuccess(result: SendResult): void;
  /** The message could not be sent. */
  onException(error: unknown): void;
}

/** For `sendAndReceive`: rocketmq-spring's `RocketMQLocalRequestCallback`. */
export interface RequestCallback<Reply> {
  /** The reply, read. */
  onSuccess(reply: Reply): void;
  /** There is none: the request was not sent, or nobody replied in time. */
  onException(error: unknown): void;
}

/** Has a callback told how something went; without one that is returned as it is. */
export function called<Result>(
  result: Promise<Result>,
  callback: { onSuccess(result: Result): void; onException(error: unknown): void } | undefined,
): Promise<Result> | void {
  if (!callback) return result;
  // An error thrown by the callback itself is the application's bug: it is not turned into onException.
  void result.then(
    (value) => callback.onSuccess(value),
    (error: unknown) => callback.onException(error),
  );
}
