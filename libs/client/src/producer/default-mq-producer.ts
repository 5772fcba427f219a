import { MixAll } from '@nest-rocketmq/protocol';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { ProducerMember } from '../instance/members.ts';
import {
  clientSettings,
  inRange,
  oneOf,
  type ClientOptions,
  type ClientSettings,
} from '../instance/client-options.ts';
import { acquireInstance, type InstanceLease } from '../instance/client-registry.ts';
import { Lifecycle } from '../instance/lifecycle.ts';
import { COMPRESSION_TYPES } from '../message/compression.ts';
import type { Message, MessageExt, MessageQueue, SendResult } from '../message/message.ts';
import { checkGroup, checkMessage, checkSendTopic, illegal } from '../message/validators.ts';
import { withNamespace, withoutNamespace, withoutNamespaces } from '../namespace/namespace.ts';
import { MessageSender, type SendChoices } from './message-sender.ts';
import { outgoingBatch, outgoingMessage, type OutgoingMessage } from './outgoing-message.ts';
import { recall } from './recall.ts';
import { createReplyMessage, replyOptions, type ReplyMessage } from './request-reply-message.ts';
import { RequestSender, type RequestCallback } from './request-sender.ts';
import { defaultSendSettings, type SendOptions, type SendSettings } from './send-options.ts';
import type { EndTransactionHook, SendMessageHook } from '../trace/hooks.ts';
import { MessageTrace, type TraceOptions } from '../trace/message-trace.ts';
import { sendWithHooks } from '../trace/run-hooks.ts';
import { sendChannel } from '../diagnostics/channels.ts';
import { observedSend, type SendFacts } from '../diagnostics/observed-send.ts';
import { endTransactionTraceHook, recallTrace, sendTraceHook } from '../trace/trace-hooks.ts';

/** Options of a producer; what is left out has the default of {@link SendSettings}. */
export interface ProducerOptions extends ClientOptions, Partial<SendSettings>, TraceOptions {
  /** The producer group. The same in all instances of one application. */
  group: string;
}

/**
 * Sends messages (`DefaultMQProducer`). One for an application is enough: sends may overlap as they like.
 *
 * ```ts
 * const producer = new DefaultMQProducer({ group: 'order-service', nameServer: '127.0.0.1:9876' });
 * await producer.start();
 * await producer.send({ topic: 'order', tags: 'created', keys: ['42'], body: Buffer.from('...') });
 * await producer.shutdown();
 * ```
 */
export class DefaultMQProducer {
  /** The producer group, with its namespace. */
  readonly group: string;
  readonly #client: ClientSettings;
  readonly #settings: SendSettings;
  readonly #lifecycle: Lifecycle;
  #lease: InstanceLease | undefined;
  #sender: MessageSender | undefined;
  #requests: RequestSender | undefined;
  readonly #trace: MessageTrace | undefined;
  /** Undefined without any, so that sends cost nothing for them. */
  #hooks: SendMessageHook[] | undefined;

  /** @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong */
  constructor(options: ProducerOptions) {
    checkGroup(options.group, MixAll.DEFAULT_PRODUCER_GROUP);
    this.#client = clientSettings(options);
    this.group = withNamespace(this.#client.namespace, options.group);
    this.#settings = sendSettings(options);
    this.#lifecycle = new Lifecycle(`The producer of the group ${options.group}`);
    if (options.enableMsgTrace) {
      this.#trace = new MessageTrace(this.#client, options.group, 'PRODUCE', options.customizedTraceTopic);
      this.registerSendMessageHook(sendTraceHook(options.group, this.#trace.topic, this.#trace.append));
    }
  }

  /**
   * Makes the producer ready. A NameServer that can't be reached is no error: sends fail until it is there; see
   * {@link checkNameServer}.
   */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#lease = acquireInstance(this.#client, { role: 'producer', member: this.member() });
      this.#sender = new MessageSender(this.#lease.instance, this.group, this.#settings);
      this.#lease.instance.heartbeats.sendSoon();
      this.#trace?.start();
    });
  }

  /**
   * Waits for the sends that are in flight (their own time-outs bound it), then leaves the cluster. Requests that wait for
   * their replies fail as `ABORTED`.
   */
  shutdown(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#requests?.close();
      await this.#sender?.idle();
      await this.#trace?.shutdown();
      await this.#lease?.instance.unregister('producerGroup', this.group);
      await this.#lease?.release();
    });
  }

  /** The id brokers know this client by; undefined before the start. */
  get clientId(): string | undefined {
    return this.#lease?.instance.clientId;
  }

  /**
   * Sends a message and waits until the broker has it.
   *
   * A status other than SEND_OK is a result: the message is stored, but not as safely as the broker is configured to.
   * @throws RocketMQError `INVALID_ARGUMENT` (bad topic, body or property), `NO_ROUTE`, `NO_BROKER`, `WRONG_STATE`,
   * `OVERLOADED`, and {@link SendError} with the response code of the last try when all tries failed
   */
  send(message: Message, options?: SendOptions): Promise<SendResult> {
    if (!sendChannel.hasSubscribers) return this.#send(message, options);
    return observedSend(this.#facts('send'), [message], ([copy = message]) => this.#send(copy, options));
  }

  #send(message: Message, options: SendOptions | undefined): Promise<SendResult> {
    try {
      const sender = this.#running();
      checkMessage(message, this.#settings.maxMessageSize);
      const outgoing = outgoingMessage(message, this.#settings);
      const choices = options && choicesOf(options, message);
      if (this.#hooks) return this.#sendHooked(this.#hooks, [message], outgoing, choices);
      if (outgoing instanceof Promise) return outgoing.then((ready) => sender.send(ready, choices));
      return sender.send(outgoing, choices);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends messages of one topic as one: they take one round trip and go to the same queue, one after the other.
   * @throws RocketMQError as {@link send}; `INVALID_ARGUMENT` when the messages can't be in one batch
   */
  async sendBatch(messages: readonly Message[], options?: SendOptions): Promise<SendResult> {
    if (!sendChannel.hasSubscribers) return this.#sendBatch(messages, options);
    return observedSend(this.#facts('sendBatch'), messages, (copies) => this.#sendBatch(copies, options));
  }

  async #sendBatch(messages: readonly Message[], options: SendOptions | undefined): Promise<SendResult> {
    const sender = this.#running();
    for (const message of messages) checkMessage(message, this.#settings.maxMessageSize);
    const outgoing = outgoingBatch(messages, this.#settings);
    const choices = options && messages[0] && choicesOf(options, messages[0]);
    if (this.#hooks) return this.#sendHooked(this.#hooks, messages, outgoing, choices);
    return sender.send(outgoing, choices);
  }

  /**
   * Sends a message without waiting for an answer: nobody tells whether it arrived. Resolves when it is on its way.
   * @throws RocketMQError when it can't even be sent: as {@link send}
   */
  async sendOneway(message: Message, options?: SendOptions): Promise<void> {
    if (!sendChannel.hasSubscribers) return this.#sendOneway(message, options);
    const facts = this.#facts('sendOneway');
    return observedSend(facts, [message], ([copy = message]) => this.#sendOneway(copy, options));
  }

  async #sendOneway(message: Message, options: SendOptions | undefined): Promise<void> {
    const sender = this.#running();
    checkMessage(message, this.#settings.maxMessageSize);
    const outgoing = await outgoingMessage(message, this.#settings);
    await sender.sendOneway(outgoing, options && choicesOf(options, message));
  }

  /**
   * Sends a request and waits for the reply that a consumer gives to it ({@link reply}).
   * @param options the time-out in milliseconds, for sending and waiting together, or all options; default
   * `sendMsgTimeout`
   * @throws RocketMQError as {@link send}; `TIMEOUT` with response code 10006 when no reply came in time, which says
   * whether the request was stored
   */
  request(message: Message, options?: number | SendOptions): Promise<MessageExt>;
  /** The same with a callback; what can be told at once is thrown. */
  request(message: Message, options: number | SendOptions, callback: RequestCallback): void;
  request(
    message: Message,
    options: number | SendOptions = {},
    callback?: RequestCallback,
  ): Promise<MessageExt> | void {
    const choices = typeof options === 'number' ? { timeout: options } : options;
    const timeoutMs = choices.timeout ?? this.#settings.sendMsgTimeout;
    if (callback) this.#running();
    const reply = this.#request(message, timeoutMs, choices);
    if (!callback) return reply;
    // An error thrown by the callback itself is the application's bug: it is not turned into onException.
    void reply.then(
      (message) => callback.onSuccess(message),
      (error: unknown) => callback.onException(error),
    );
  }

  /**
   * Sends the reply to a request, through the broker the request came from. One try, unless `retries` says otherwise.
   * @throws RocketMQError as {@link send}; `INVALID_ARGUMENT` with response code 10007 when the message is no request;
   * {@link SendError} with response code 1 when its requester is gone
   */
  reply(request: MessageExt, reply: ReplyMessage, options?: SendOptions): Promise<SendResult> {
    try {
      return this.send(createReplyMessage(request, reply), replyOptions(request, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Takes back a message that waits for its time (brokers from 5.3.2 with `recallMessageEnable`): it is not delivered. That
   * the broker agrees doesn't mean that the message was still there.
   * @param recallHandle as the result of its send has it
   * @returns the message's id
   * @throws RocketMQError `INVALID_ARGUMENT`, `NO_ROUTE`, `NO_BROKER`, and BrokerError: 16 when the broker doesn't allow it,
   *   604 when the handle is not of this topic or broker, or its time has come
   * @param options how long it may take, in milliseconds. Default `sendMsgTimeout`
   */
  async recallMessage(
    topic: string,
    recallHandle: string,
    { timeout = this.#settings.sendMsgTimeout }: Pick<SendOptions, 'timeout'> = {},
  ): Promise<string> {
    const sender = this.#running();
    const startedAt = this.#client.clock.now();
    const msgId = await recall(this.instance, (name) => sender.publisher(name), {
      topic: withNamespace(this.#client.namespace, topic),
      recallHandle,
      producerGroup: this.group,
      timeoutMs: timeout,
    });
    this.#trace?.append(topic, [
      recallTrace(withoutNamespace(this.#client.namespace, this.group), topic, msgId, startedAt),
    ]);
    return msgId;
  }

  /** Has a hook told of every send that waits for an answer. */
  registerSendMessageHook(hook: SendMessageHook): void {
    this.#hooks = [...(this.#hooks ?? []), hook];
  }

  /** The queues messages of a topic can be sent to. @throws RocketMQError `NO_ROUTE` or `NO_BROKER` */
  async fetchPublishMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    checkSendTopic(topic);
    const { namespace } = this.#client;
    const { queues } = await this.#running().publisher(withNamespace(namespace, topic));
    return withoutNamespaces(namespace, queues);
  }

  /**
   * The versions of the masters that have writable queues of a topic, as in `MQVersion`, by the names of the brokers. One that
   * doesn't answer is left out.
   * @throws RocketMQError `NO_ROUTE` or `NO_BROKER`
   */
  async fetchBrokerVersions(topic: string): Promise<ReadonlyMap<string, number>> {
    const sender = this.#running();
    const { queues } = await sender.publisher(withNamespace(this.#client.namespace, topic));
    const { heartbeats } = this.instance;
    const versions = new Map<string, number>();
    for (const brokerName of new Set(queues.map((queue) => queue.brokerName))) {
      const address = sender.brokerAddress(brokerName);
      if (address === undefined) continue;
      if (heartbeats.brokerVersion(address) === undefined) await heartbeats.announce(address);
      const version = heartbeats.brokerVersion(address);
      if (version !== undefined) versions.set(brokerName, version);
    }
    return versions;
  }

  /**
   * Makes sure that a NameServer answers, for applications that want to fail early.
   * @throws RocketMQError `CONNECT_FAILED` or `TIMEOUT` naming the addresses
   */
  async checkNameServer(timeoutMs?: number): Promise<void> {
    if (!this.#lease) this.#lifecycle.checkRunning();
    await this.#lease?.instance.checkNameServer(timeoutMs);
  }

  #facts(operation: SendFacts['operation']): SendFacts {
    const { namespace } = this.#client;
    const producerGroup = withoutNamespace(namespace, this.group);
    return { operation, clientId: this.clientId, producerGroup, namespace };
  }

  async #sendHooked(
    hooks: readonly SendMessageHook[],
    messages: readonly Message[],
    outgoing: OutgoingMessage | Promise<OutgoingMessage>,
    choices: SendChoices | undefined,
  ): Promise<SendResult> {
    const sender = this.#running();
    const ready = await outgoing;
    const { clock, logger } = this.#client;
    const parts = { hooks, clock, logger, addressOf: (name: string) => sender.brokerAddress(name) };
    const what = { producerGroup: this.group, messages, bodyLength: ready.body.length };
    return sendWithHooks(parts, what, () => sender.send(ready, choices));
  }

  async #request(message: Message, timeoutMs: number, options: SendOptions): Promise<MessageExt> {
    const sender = this.#running();
    checkMessage(message, this.#settings.maxMessageSize);
    const { instance } = this.#lease as InstanceLease;
    this.#requests ??= new RequestSender(instance, async (topic) => (await sender.publisher(topic)).route);
    return this.#requests.request(
      message,
      timeoutMs,
      (outgoing, timeout) => this.send(outgoing, { ...options, timeout }),
      options.signal,
    );
  }

  /** What the client knows of this producer. */
  protected member(): ProducerMember {
    return { group: this.group };
  }

  /** What this producer shares with others. @throws RocketMQError `WRONG_STATE` when it isn't running */
  protected get instance(): ClientInstance {
    if (!this.#lease) this.#lifecycle.checkRunning();
    return (this.#lease as InstanceLease).instance;
  }

  /** Who traces the ends of transactions; undefined when nobody does. */
  protected get endTransactionHook(): EndTransactionHook | undefined {
    if (!this.#trace) return undefined;
    return endTransactionTraceHook(withoutNamespace(this.#client.namespace, this.group), this.#trace.append);
  }

  #running(): MessageSender {
    if (!this.#lifecycle.running || !this.#sender) this.#lifecycle.checkRunning();
    return this.#sender as MessageSender;
  }
}

function sendSettings(options: Partial<SendSettings>): SendSettings {
  const given = Object.entries(options).filter(
    ([key, value]) => key in defaultSendSettings && value !== undefined,
  );
  const settings: SendSettings = { ...defaultSendSettings, ...Object.fromEntries(given) };
  inRange('sendMsgTimeout', settings.sendMsgTimeout, 0, 1, 0x7fff_ffff);
  inRange('retryTimesWhenSendFailed', settings.retryTimesWhenSendFailed, 0, 0, 1000);
  inRange('compressMsgBodyOverHowmuch', settings.compressMsgBodyOverHowmuch, 0, 0, Number.MAX_VALUE);
  oneOf('compressType', settings.compressType, COMPRESSION_TYPES);
  inRange('compressLevel', settings.compressLevel, 0, 0, 9);
  inRange('maxMessageSize', settings.maxMessageSize, 0, 1, 16 * 1024 * 1024);
  inRange('defaultTopicQueueNums', settings.defaultTopicQueueNums, 0, 1, 65_535);
  inRange('maxInFlight', settings.maxInFlight, 0, 1, 65_535);
  return settings;
}

function choicesOf(options: SendOptions, message: Message): SendChoices {
  const { queue, selector, arg } = options;
  if (queue && queue.topic !== message.topic) {
    throw illegal(
      `The queue to send to is one of topic ${queue.topic}, the message's topic is ${message.topic}`,
    );
  }
  return {
    queue,
    select: selector && ((queues) => selector(queues, message, arg)),
    timeoutMs: options.timeout,
    retries: options.retries,
    signal: options.signal,
  };
}
