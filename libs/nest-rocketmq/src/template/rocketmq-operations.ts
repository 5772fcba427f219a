import type { Message, SendResult, TransactionSendResult } from '@nest-rocketmq/client';
import { parseDuration, RocketMQError } from '@nest-rocketmq/runtime';
import type { MessageConverter } from '../conversion/message-converter.ts';
import { errorText } from '../error-text.ts';
import {
  transactionHeaders,
  transactionSendOptions,
  type TransactionOptions,
} from '../transaction/transaction-options.ts';
import { abortable } from './abortable.ts';
import { PartialBatchError, splitBatch } from './batch.ts';
import { clientOptions } from './client-options.ts';
import { parseDestination } from './destination.ts';
import type { AnyEvents, DestinationOf, PayloadOf, ReplyOf } from './events.ts';
import { toMessage } from './outgoing.ts';
import { payloadsOf, type ReceiveOptions } from './receive.ts';
import { readReply } from './reply.ts';
import type { RecallOptions, RequestOptions, SendOptions } from './send-options.ts';
import {
  called,
  type RequestCallback,
  type TemplateConnection,
  type TemplateProducer,
  type TemplatePullConsumer,
} from './template-connection.ts';
import { checkTimers, needsTimer } from './timers.ts';

/** What a template can do; `RocketMQTemplate` has it by rocketmq-spring's names, too. */
export class RocketMQOperations<Events extends object = AnyEvents> {
  readonly #connection: TemplateConnection;

  constructor(connection: TemplateConnection) {
    this.#connection = connection;
  }

  /** The client's producer under this template, for what the template doesn't offer. */
  get producer(): TemplateProducer {
    return this.#connection.producer;
  }

  /**
   * The client's pull consumer under {@link receive}.
   * @throws RocketMQError `INVALID_CONFIG` when the options have no `pullConsumer`
   */
  get pullConsumer(): TemplatePullConsumer {
    return this.#connection.pullConsumer;
  }

  /** What makes bodies of payloads where neither call nor listener brings its own. */
  get converter(): MessageConverter {
    return this.#connection.converter;
  }

  /** Where `convertAndSend(payload)` sends to: the module's option of that name. */
  get defaultDestination(): string | undefined {
    return this.#connection.defaultDestination;
  }

  /**
   * Sends one message and waits until the broker has it.
   *
   * @param destination `topic` or `topic:tag`
   * @param payload text, bytes or a JSON value; or that with headers, by `message(payload, headers)`
   * @returns with a status other than SEND_OK where the broker has the message but not as safely as configured
   * @throws RocketMQError `INVALID_ARGUMENT` when this could never be sent, a timer on a broker that has none among it;
   * otherwise the client's error, which says which brokers were tried and what to do
   */
  async send<D extends DestinationOf<Events>>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options?: SendOptions,
  ): Promise<SendResult> {
    const { producer, converter, messageQueueSelector } = this.#connection;
    if (options === undefined) return producer.send(toMessage(destination, payload, NO_OPTIONS, converter));
    const outgoing = toMessage(destination, payload, options, converter);
    const choices = clientOptions(options, messageQueueSelector);
    if (needsTimer(outgoing)) await checkTimers(producer, outgoing);
    return producer.send(outgoing, choices);
  }

  /**
   * Takes back a message that waits for its time: it is not delivered. That the broker agrees doesn't mean that the message
   * was still there.
   * @param destination where it was sent; of `topic:tag` the topic counts
   * @param recallHandle as the result of a send with `recallable`, or any that waits for a timer, has it
   * @returns the message's id
   * @throws RocketMQError `INVALID_ARGUMENT` when that is no handle, `ABORTED`, and the client's error: 16 when the broker
   * doesn't allow recalls, 604 when the handle is not of this topic, or the message's time has come
   */
  async recall(
    destination: DestinationOf<Events>,
    recallHandle: string,
    { timeout, signal }: RecallOptions = {},
  ): Promise<string> {
    const { topic } = parseDestination(destination);
    const choices = timeout === undefined ? undefined : { timeout: parseDuration(timeout) };
    const recalled = this.#connection.producer.recallMessage(topic, recallHandle, choices);
    return abortable(recalled, `The recall of a message of topic ${topic}`, signal);
  }

  /**
   * Sends many messages, in as few requests as the size limit allows, one after the other. The options are those of each
   * message, time-out and retries those of each request; a batch can't be delayed. With a `hashKey` all go to its queue, in
   * their order; without one each request has a queue of its own.
   * @returns the result of each request
   * @throws PartialBatchError when a request after the first one failed
   */
  async sendBatch<D extends DestinationOf<Events>>(
    destination: D,
    payloads: readonly PayloadOf<Events, D>[],
    options: SendOptions = NO_OPTIONS,
  ): Promise<SendResult[]> {
    const { producer, converter, maxMessageSize, messageQueueSelector } = this.#connection;
    if (options.delay !== undefined || options.deliverAt !== undefined) {
      throw new RocketMQError('INVALID_ARGUMENT', 'A batch can not be delayed: send its messages one by one');
    }
    if (payloads.length === 0)
      throw new RocketMQError('INVALID_ARGUMENT', `The batch for ${destination} is empty`);
    const messages = payloads.map((payload) => toMessage(destination, payload, options, converter));
    const choices = clientOptions(options, messageQueueSelector);
    const results: SendResult[] = [];
    let sent = 0;
    for (const batch of splitBatch(messages, maxMessageSize)) {
      try {
        results.push(await producer.sendBatch(batch, choices));
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
    const { producer, converter, logger, messageQueueSelector } = this.#connection;
    const outgoing: Message = toMessage(destination, payload, options, converter);
    const choices = clientOptions(options, messageQueueSelector);
    const sent = needsTimer(outgoing)
      ? checkTimers(producer, outgoing).then(() => producer.sendOneway(outgoing, choices))
      : producer.sendOneway(outgoing, choices);
    sent.catch((error: unknown) => {
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

  /**
   * Sends a message that is delivered when its local transaction has succeeded, and only then. The broker keeps it while
   * `executeLocalTransaction` of the topic's `@RocketMQTransactionListener` runs, or `options.execute`; when the end doesn't
   * reach the broker, it asks `checkLocalTransaction` of any replica of this application.
   *
   * @returns how the local transaction ended (`localTransactionState`), and what it threw (`localException`)
   * @throws RocketMQError `INVALID_ARGUMENT` when this could never be sent, or nobody could answer for the transaction;
   * otherwise the client's error. The local transaction has not run then
   */
  async sendMessageInTransaction<D extends DestinationOf<Events>, Arg = unknown>(
    destination: D,
    payload: PayloadOf<Events, D>,
    options: TransactionOptions<Arg> = {},
  ): Promise<TransactionSendResult> {
    const { producer, converter, transactions, messageQueueSelector } = this.#connection;
    const outgoing = toMessage(destination, payload, options, converter);
    outgoing.properties = { ...outgoing.properties, ...transactionHeaders(options) };
    const choices = {
      ...clientOptions(options, messageQueueSelector),
      ...transactionSendOptions(outgoing.topic, options, transactions),
    };
    return producer.sendMessageInTransaction(outgoing, options.arg, choices);
  }

  /**
   * Takes the next messages of the connection's `pullConsumer`: of one queue, in its order, none when none come in time.
   * What was received is done with when `receive` is called again: after a crash the last ones come once more.
   * @throws RocketMQError `INVALID_CONFIG` when the options have no `pullConsumer`; `PROTOCOL` when a payload can't be read;
   * `ABORTED`
   */
  async receive<T = unknown>(options: ReceiveOptions = {}): Promise<T[]> {
    const { pullConsumer, converter } = this.#connection;
    const timeout = options.timeout === undefined ? undefined : parseDuration(options.timeout);
    const messages = await pullConsumer.poll(timeout, options.signal);
    return payloadsOf(messages, options.converter ?? converter, options.payload) as T[];
  }

  async #request<Reply>(destination: string, payload: unknown, options: RequestOptions): Promise<Reply> {
    const { producer, converter, messageQueueSelector } = this.#connection;
    const outgoing = toMessage(destination, payload, options, converter);
    const choices = clientOptions(options, messageQueueSelector);
    if (needsTimer(outgoing)) await checkTimers(producer, outgoing);
    const reply = await producer.request(outgoing, choices);
    return readReply(reply, destination, options.converter ?? converter, options.replyType) as Reply;
  }
}

const NO_OPTIONS: SendOptions = Object.freeze({});
