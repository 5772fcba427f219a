import { errorText } from '../error-text.ts';
import type {
  DefaultLitePullConsumer,
  Message,
  SendResult,
  TransactionMQProducer,
  TransactionSendResult,
} from '@nest-rocketmq/client';
import { parseDuration, RocketMQError, type Duration, type Logger } from '@nest-rocketmq/runtime';
import type { MessageConverter } from '../conversion/message-converter.ts';
import { PartialBatchError, splitBatch } from './batch.ts';
import { clientOptions } from './client-options.ts';
import { parseDestination } from './destination.ts';
import type { AnyEvents, DestinationOf, EventOf, OutgoingMessage, PayloadOf, ReplyOf } from './events.ts';
import { message } from './events.ts';
import type { MessageHeaders } from './headers.ts';
import { toMessage } from './outgoing.ts';
import { payloadsOf, type ReceiveOptions } from './receive.ts';
import { readReply } from './reply.ts';
import type { RequestOptions, SendOptions } from './send-options.ts';
import type { TransactionListeners } from '../transaction/transaction-listeners.ts';
import {
  transactionHeaders,
  transactionSendOptions,
  type TransactionOptions,
} from '../transaction/transaction-options.ts';

/** The part of a producer that a template uses. */
export type TemplateProducer = Pick<
  TransactionMQProducer,
  'send' | 'sendBatch' | 'sendOneway' | 'request' | 'reply' | 'sendMessageInTransaction' | 'recallMessage'
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
}

/** For {@link RocketMQTemplate.asyncSend}, as in rocketmq-spring. */
export interface SendCallback {
  onSuccess(result: SendResult): void;
  onException(error: unknown): void;
}

/** For {@link RocketMQTemplate.sendAndReceive}: rocketmq-spring's `RocketMQLocalRequestCallback`. */
export interface RequestCallback<Reply> {
  onSuccess(reply: Reply): void;
  onException(error: unknown): void;
}

/**
 * Sends messages. {@link send} is the one primitive; the other names are rocketmq-spring's, over it.
 *
 * @typeParam Events a map of destinations to their payloads; without it any destination takes any payload
 */
export class RocketMQTemplate<Events extends object = AnyEvents> {
  readonly #connection: TemplateConnection;

  constructor(connection: TemplateConnection) {
    this.#connection = connection;
  }

  /** The client's producer under this template, for what the template doesn't offer. */
  get producer(): TemplateProducer {
    return this.#connection.producer;
  }

  /**
   * Sends one message and waits until the broker has it.
   *
   * @param destination `topic` or `topic:tag`
   * @param payload text, bytes or a JSON value; or that with headers, by `message(payload, headers)`
   * @returns with a status other than SEND_OK where the broker has the message but not as safely as configured
   * @throws RocketMQError `INVALID_ARGUMENT` when this could never be sent; otherwise the client's error, which says
   * which brokers were tried and what to do
   */
  async send<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options?: SendOptions,
  ): Promise<SendResult> {
    const { producer, converter } = this.#connection;
    const outgoing = toMessage(destination, payload, options ?? NO_OPTIONS, converter);
    return options === undefined ? producer.send(outgoing) : producer.send(outgoing, clientOptions(options));
  }

  /**
   * Takes back a message that waits for its time: it is not delivered. That the broker agrees doesn't mean that the message
   * was still there.
   * @param destination where it was sent; of `topic:tag` the topic counts
   * @param recallHandle as the result of a send with `recallable`, or any that waits for a timer, has it
   * @returns the message's id
   * @throws RocketMQError `INVALID_ARGUMENT` when that is no handle, and the client's error: 16 when the broker doesn't allow
   * recalls, 604 when the handle is not of this topic, or the message's time has come
   */
  async recall(destination: DestinationOf<Events>, recallHandle: string): Promise<string> {
    return this.#connection.producer.recallMessage(parseDestination(destination).topic, recallHandle);
  }

  /**
   * Sends many messages, in as few requests as the size limit allows, one after the other so that they keep their
   * order. The options are those of each message; a batch can't be delayed.
   * @returns the result of each request
   * @throws PartialBatchError when a request after the first one failed
   */
  async sendBatch<D extends DestinationOf<Events>>(
    destination: D,
    payloads: readonly PayloadOf<Events, D>[],
    options: SendOptions = NO_OPTIONS,
  ): Promise<SendResult[]> {
    const { producer, converter, maxMessageSize } = this.#connection;
    if (options.delay !== undefined || options.deliverAt !== undefined) {
      throw new RocketMQError('INVALID_ARGUMENT', 'A batch can not be delayed: send its messages one by one');
    }
    if (payloads.length === 0)
      throw new RocketMQError('INVALID_ARGUMENT', `The batch for ${destination} is empty`);
    const messages = payloads.map((payload) => toMessage(destination, payload, options, converter));
    const results: SendResult[] = [];
    let sent = 0;
    for (const batch of splitBatch(messages, maxMessageSize)) {
      try {
        results.push(await producer.sendBatch(batch, clientOptions(options)));
      } catch (error) {
        if (sent === 0 || !(error instanceof RocketMQError)) throw error;
        throw new PartialBatchError(destination, messages.length, sent, results, error);
      }
      sent += batch.length;
    }
    return results;
  }

  /**
   * Writes one message to the broker and waits for nothing: it may be lost. What can be known at once, such as a wrong
   * topic name, is thrown; a broker that can't be reached is a line in the log.
   */
  sendOneWay<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options: SendOptions = NO_OPTIONS,
  ): void {
    const { producer, converter, logger } = this.#connection;
    const outgoing: Message = toMessage(destination, payload, options, converter);
    producer.sendOneway(outgoing, clientOptions(options)).catch((error: unknown) => {
      logger.warn(`One-way message to ${destination} was not sent: ${errorText(error)}`);
    });
  }

  /**
   * Sends a request and waits for what the listener that gets it returns. With a callback nothing is returned.
   * @throws RocketMQError `TIMEOUT` with response code 10006 when no reply came in time, which says whether the request
   * was stored; `PROTOCOL` when the reply can't be read; otherwise as {@link send}
   */
  sendAndReceive<D extends DestinationOf<Events>, Reply = ReplyOf<Events, D>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options?: RequestOptions,
  ): Promise<Reply>;
  sendAndReceive<D extends DestinationOf<Events>, Reply = ReplyOf<Events, D>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    callback: RequestCallback<Reply>,
    options?: RequestOptions,
  ): void;
  sendAndReceive<D extends DestinationOf<Events>, Reply = ReplyOf<Events, D>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    second: RequestCallback<Reply> | RequestOptions = {},
    third: RequestOptions = {},
  ): Promise<Reply> | void {
    if (!('onSuccess' in second)) return this.#request<Reply>(destination, payload, second);
    return called(this.#request<Reply>(destination, payload, third), second);
  }

  async #request<Reply>(destination: string, payload: unknown, options: RequestOptions): Promise<Reply> {
    const { producer, converter } = this.#connection;
    const outgoing = toMessage(destination, payload, options, converter);
    const reply = await producer.request(outgoing, clientOptions(options));
    return readReply(reply, destination, options.converter ?? converter, options.replyType) as Reply;
  }

  /**
   * Sends a message that is delivered when its local transaction has succeeded, and only then. The broker keeps it while
   * `executeLocalTransaction` of the topic's `@RocketMQTransactionListener` runs, or `options.execute`; when the end doesn't
   * reach the broker, it asks `checkLocalTransaction` of any replica of this application.
   *
   * @returns how the local transaction ended (`localTransactionState`), and what it threw (`localException`)
   * @throws RocketMQError `INVALID_ARGUMENT` when this could never be sent, or nobody could answer for the transaction;
   * otherwise the client's error. The local transaction has not run then
   */
  async sendMessageInTransaction<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options: TransactionOptions = NO_OPTIONS,
  ): Promise<TransactionSendResult> {
    const { producer, converter, transactions } = this.#connection;
    const outgoing = toMessage(destination, payload, options, converter);
    outgoing.properties = { ...outgoing.properties, ...transactionHeaders(options) };
    const sendOptions = transactionSendOptions(outgoing.topic, options, transactions);
    return producer.sendMessageInTransaction(outgoing, options.arg, sendOptions);
  }

  /**
   * Takes the next messages of the connection's `pullConsumer`: of one queue, in its order, none when none come in time.
   * What was received is done with when `receive` is called again: after a crash the last ones come once more.
   * @throws RocketMQError `INVALID_CONFIG` when the options have no `pullConsumer`; `PROTOCOL` when a payload can't be read
   */
  async receive<T = unknown>(options: ReceiveOptions = {}): Promise<T[]> {
    const { pullConsumer, converter } = this.#connection;
    const timeout = options.timeout === undefined ? undefined : parseDuration(options.timeout);
    const messages = await pullConsumer.poll(timeout);
    return payloadsOf(messages, options.converter ?? converter, options.payload) as T[];
  }

  /**
   * rocketmq-spring's `syncSend`: {@link send} with its time-out and delay level by position.
   * @param timeout milliseconds or text; 0: the producer's default
   * @param delayLevel 1..18; 0: at once
   */
  syncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, positional(timeout, delayLevel));
  }

  /** rocketmq-spring's `syncSendOrderly`: messages of one `hashKey` go to one queue, the one Java's template chooses. */
  syncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { ...positional(timeout, delayLevel), hashKey });
  }

  /** rocketmq-spring's: delivered so many seconds later. By a delay level where one is exactly so long. */
  syncSendDelayTimeSeconds<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    seconds: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { delay: seconds * 1000 });
  }

  /** rocketmq-spring's: delivered so many milliseconds later. By a delay level where one is exactly so long. */
  syncSendDelayTimeMills<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    milliseconds: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { delay: milliseconds });
  }

  /** rocketmq-spring's: delivered at that time, in milliseconds since the epoch. */
  syncSendDeliverTimeMills<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    time: number,
  ): Promise<SendResult> {
    return this.send(destination, payload, { deliverAt: time });
  }

  /** rocketmq-spring's `asyncSend`: with a callback nothing is returned, without one it is {@link send}. */
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
  ): Promise<SendResult>;
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    callback: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): void;
  asyncSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    callback?: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> | void {
    return called(this.send(destination, payload, positional(timeout, delayLevel)), callback);
  }

  /** {@link asyncSend} with the queue of a hash key. */
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
  ): Promise<SendResult>;
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
    callback: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): void;
  asyncSendOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
    callback?: SendCallback,
    timeout?: Duration,
    delayLevel?: number,
  ): Promise<SendResult> | void {
    return called(this.send(destination, payload, { ...positional(timeout, delayLevel), hashKey }), callback);
  }

  /** {@link sendOneWay} with the queue of a hash key. */
  sendOneWayOrderly<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    hashKey: string,
  ): void {
    this.sendOneWay(destination, payload, { hashKey });
  }

  /** Spring's: {@link send} without its result. */
  async convertAndSend<D extends DestinationOf<Events>>(
    destination: D,
    payload: EventOf<Events, D>,
    headers: MessageHeaders = {},
  ): Promise<void> {
    const outgoing: OutgoingMessage<EventOf<Events, D>> = message(payload, headers);
    await this.send(destination, outgoing);
  }
}

const NO_OPTIONS: SendOptions = Object.freeze({});

/** Spring's trailing arguments, in which 0 or less stands for the default. */
function positional(timeout: Duration | undefined, delayLevel: number | undefined): SendOptions {
  const options: SendOptions = {};
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout <= 0)) options.timeout = timeout;
  if (delayLevel !== undefined && delayLevel > 0) options.delay = { level: delayLevel };
  return options;
}

function called<Result>(
  sending: Promise<Result>,
  callback: { onSuccess(result: Result): void; onException(error: unknown): void } | undefined,
): Promise<Result> | void {
  if (!callback) return sending;
  // An error thrown by the callback itself is the application's bug: it is not turned into onException.
  void sending.then(
    (result) => callback.onSuccess(result),
    (error: unknown) => callback.onException(error),
  );
}
