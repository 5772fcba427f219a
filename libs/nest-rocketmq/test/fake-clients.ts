import {
  ConsumeConcurrentlyContext,
  ConsumeOrderlyContext,
  MQVersion,
  type Message,
  type MessageExt,
  type MessageSelector,
  type ReplyMessage,
  type RequestCallback,
  type SendResult,
  type TransactionSendOptions,
  type TransactionSendResult,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import {
  ClientFactory,
  type Consumer,
  type LocalCluster,
  type Producer,
  type PullConsumer,
} from '../src/module/client-factory.ts';

type RealProducerOptions = Parameters<ClientFactory['producer']>[0];
type ProducerOptions = Omit<RealProducerOptions, 'transactionListener'> & Partial<RealProducerOptions>;
type ConsumerOptions = Parameters<ClientFactory['consumer']>[0];
type PullConsumerOptions = Parameters<ClientFactory['pullConsumer']>[0];
type SendOptions = Parameters<Producer['send']>[1];
type Listener = Parameters<Consumer['onMessage']>[0];
type OrderlyListener = Parameters<Consumer['onMessageOrderly']>[0];

/** Records what is sent, answers SEND_OK. */
export class FakeProducer implements Producer {
  readonly sent: { message: Message; options: SendOptions }[] = [];
  readonly batches: (readonly Message[])[] = [];
  readonly oneway: Message[] = [];
  running = false;
  nameServerAnswers = true;
  /** Thrown by the next send, once. */
  failure: RocketMQError | undefined;
  readonly options: ProducerOptions;
  readonly #log: string[];

  constructor(options: ProducerOptions, log: string[]) {
    this.options = options;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.running = true;
    this.#log.push(`start producer ${this.options.nameServer}`);
  }

  async shutdown(): Promise<void> {
    this.running = false;
    this.#log.push(`shutdown producer ${this.options.nameServer}`);
  }

  async checkNameServer(): Promise<void> {
    if (!this.nameServerAnswers) {
      throw new RocketMQError(
        'CONNECT_FAILED',
        `No NameServer can be reached (${this.options.nameServer} refuses)`,
      );
    }
  }

  async send(message: Message, options?: SendOptions): Promise<SendResult> {
    this.#fail();
    this.sent.push({ message, options });
    return result(message.topic, this.sent.length - 1);
  }

  async sendBatch(messages: readonly Message[]): Promise<SendResult> {
    if (this.batches.length > 0) this.#fail();
    this.batches.push(messages);
    return result(messages[0]?.topic ?? '', 0);
  }

  async sendOneway(message: Message): Promise<void> {
    this.#fail();
    this.oneway.push(message);
  }

  /** The versions of the brokers, of all topics. */
  readonly brokerVersions = new Map<string, number>([['broker-a', MQVersion.V5_0_0]]);

  async fetchBrokerVersions(): Promise<ReadonlyMap<string, number>> {
    return this.brokerVersions;
  }

  readonly recalled: [topic: string, recallHandle: string][] = [];

  async recallMessage(topic: string, recallHandle: string): Promise<string> {
    this.#fail();
    this.recalled.push([topic, recallHandle]);
    return 'recalled';
  }

  /** The reply to all requests. */
  answer: MessageExt | undefined;
  readonly replies: { request: MessageExt; reply: ReplyMessage }[] = [];

  request(message: Message, options?: number | SendOptions): Promise<MessageExt>;
  request(message: Message, options: number | SendOptions, callback: RequestCallback): void;
  async request(message: Message, options?: number | SendOptions): Promise<MessageExt> {
    this.#fail();
    this.sent.push({ message, options: typeof options === 'number' ? { timeout: options } : options });
    if (this.answer) return this.answer;
    throw new RocketMQError('TIMEOUT', 'no reply', { responseCode: 10_006 });
  }

  async reply(request: MessageExt, reply: ReplyMessage): Promise<SendResult> {
    this.#fail();
    this.replies.push({ request, reply });
    return result('DefaultCluster_REPLY_TOPIC', 0);
  }

  /** Sends in transactions: what the local transaction was given, and how it ended. */
  async sendMessageInTransaction(
    message: Message,
    arg?: unknown,
    options: TransactionSendOptions = {},
  ): Promise<TransactionSendResult> {
    const sent = await this.send(message, options);
    const state = (await options.execute?.({ ...message, transactionId: sent.msgId }, arg)) ?? 'UNKNOW';
    return { ...sent, localTransactionState: state, localException: undefined };
  }

  #fail(): void {
    const failure = this.failure;
    this.failure = undefined;
    if (failure) throw failure;
  }
}

/** Takes its messages from the test. */
export class FakeConsumer implements Consumer {
  readonly subscriptions = new Map<string, string | MessageSelector | undefined>();
  readonly options: ConsumerOptions;
  state: 'new' | 'running' | 'suspended' | 'shutdown' = 'new';
  drainMs: number | undefined;
  startFailure: Error | undefined;
  #listener: Listener = () => undefined;
  #orderly: OrderlyListener | undefined;
  readonly #log: string[];

  constructor(options: ConsumerOptions, log: string[]) {
    this.options = options;
    this.#log = log;
  }

  subscribe(topic: string, selector?: string | MessageSelector): void {
    this.subscriptions.set(topic, selector);
  }

  onMessage(listener: Listener): void {
    this.#listener = listener;
  }

  onMessageOrderly(listener: OrderlyListener): void {
    this.#orderly = listener;
  }

  async start(): Promise<void> {
    if (this.startFailure) throw this.startFailure;
    this.state = 'running';
    this.#log.push(`start consumer ${this.options.group}`);
  }

  suspend(): void {
    this.state = 'suspended';
  }

  resume(): void {
    this.state = 'running';
  }

  resize(concurrency: number): void {
    this.options.concurrency = concurrency;
  }

  async shutdown(options?: { drainMs?: number }): Promise<boolean> {
    this.state = 'shutdown';
    this.drainMs = options?.drainMs;
    this.#log.push(`shutdown consumer ${this.options.group}`);
    return true;
  }

  assignment(): { topic: string; brokerName: string; queueId: number }[] {
    return [...this.subscriptions.keys()].map((topic) => ({ topic, brokerName: 'broker-a', queueId: 0 }));
  }

  /** Hands a message to the listener; what the listener made of it, in RocketMQ's terms. */
  async deliver(
    message: MessageExt,
  ): Promise<'done' | 'left' | { delayLevel: number; properties?: Readonly<Record<string, string>> }> {
    const context = new ConsumeConcurrentlyContext({
      topic: message.topic,
      brokerName: 'broker-a',
      queueId: 0,
    });
    const returned = await this.#listener([message], context);
    const status = await new Promise((resolve) => context.whenDone(returned, resolve));
    if (context.left) return 'left';
    if (status === 'RECONSUME_LATER') return { delayLevel: context.delayLevelWhenNextConsume };
    return context.redeliveries.get(0) ?? 'done';
  }

  /** The same to a listener in order. */
  async deliverInOrder(
    message: MessageExt,
  ): Promise<'done' | 'left' | { suspendMs: number } | { rejected: Readonly<Record<string, string>> }> {
    const context = new ConsumeOrderlyContext({ topic: message.topic, brokerName: 'broker-a', queueId: 0 });
    if (!this.#orderly) throw new Error('it does not consume in order');
    const status = await this.#orderly([message], context);
    if (context.left) return 'left';
    if (status === 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
      return { suspendMs: context.suspendCurrentQueueTimeMillis };
    const rejected = context.rejected.get(0);
    return rejected ? { rejected } : 'done';
  }
}

/** Gives what the test puts into it. */
export class FakePullConsumer implements PullConsumer {
  readonly options: PullConsumerOptions;
  readonly subscriptions = new Map<string, string | MessageSelector | undefined>();
  readonly waiting: MessageExt[] = [];
  readonly timeouts: (number | undefined)[] = [];
  readonly #log: string[];

  constructor(options: PullConsumerOptions, log: string[]) {
    this.options = options;
    this.#log = log;
  }

  subscribe(topic: string, selector?: string | MessageSelector): void {
    this.subscriptions.set(topic, selector);
  }

  async start(): Promise<void> {
    this.#log.push(`start pull consumer ${this.options.group}`);
  }

  async poll(timeoutMs?: number): Promise<MessageExt[]> {
    this.timeouts.push(timeoutMs);
    return this.waiting.splice(0);
  }

  async shutdown(): Promise<void> {
    this.#log.push(`shutdown pull consumer ${this.options.group}`);
  }
}

/** In place of the real clients: no network. `log` has what was started and stopped, in order. */
export class FakeClientFactory extends ClientFactory {
  readonly producers: FakeProducer[] = [];
  readonly consumers: FakeConsumer[] = [];
  readonly pullConsumers: FakePullConsumer[] = [];
  readonly log: string[] = [];
  nameServerAnswers = true;
  consumerStartFailure: Error | undefined;

  override producer(options: ProducerOptions): FakeProducer {
    const producer = new FakeProducer(options, this.log);
    producer.nameServerAnswers = this.nameServerAnswers;
    this.producers.push(producer);
    return producer;
  }

  override consumer(options: ConsumerOptions): FakeConsumer {
    const consumer = new FakeConsumer(options, this.log);
    consumer.startFailure = this.consumerStartFailure;
    this.consumers.push(consumer);
    return consumer;
  }

  override pullConsumer(options: PullConsumerOptions): FakePullConsumer {
    const consumer = new FakePullConsumer(options, this.log);
    this.pullConsumers.push(consumer);
    return consumer;
  }

  override async localCluster(_options: unknown, storePath: string): Promise<LocalCluster> {
    this.log.push(`start cluster ${storePath}`);
    return {
      nameServer: '127.0.0.1:19876',
      brokerAddress: '127.0.0.1:10911',
      shutdown: async () => void this.log.push('shutdown cluster'),
    };
  }

  /** The only producer. */
  get only(): FakeProducer {
    return this.producers[0] ?? fail('no producer was made');
  }

  consumerOf(group: string): FakeConsumer {
    return this.consumers.find(({ options }) => options.group === group) ?? fail(`no consumer of ${group}`);
  }
}

/** A message as a consumer gets it. */
export function received(
  fields: Partial<Omit<MessageExt, 'body' | 'properties'>> & {
    body?: unknown;
    properties?: Record<string, string>;
  },
): MessageExt {
  const { body = {}, properties = {}, ...rest } = fields;
  return {
    topic: 'order',
    tags: undefined,
    keys: [],
    msgId: 'AC11000100002A9F0000000000000001',
    offsetMsgId: '7F00000100002A9F0000000000000000',
    brokerName: 'broker-a',
    queueId: 0,
    queueOffset: 0,
    reconsumeTimes: 0,
    bornTimestamp: 0,
    bornHost: '127.0.0.1:1',
    storeTimestamp: 0,
    storeHost: '127.0.0.1:10911',
    sysFlag: 0,
    flag: 0,
    commitLogOffset: 0,
    preparedTransactionOffset: 0,
    transactionId: undefined,
    delayLevel: undefined,
    storeSize: 100,
    bodyCRC: 0,
    ...rest,
    properties: new Map(Object.entries(properties)),
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

function result(topic: string, queueOffset: number): SendResult {
  return {
    sendStatus: 'SEND_OK',
    msgId: `ID-${queueOffset}`,
    offsetMsgId: 'OFFSET',
    messageQueue: { topic, brokerName: 'broker-a', queueId: 0 },
    queueOffset,
    transactionId: undefined,
    regionId: 'DefaultRegion',
    traceOn: true,
    recallHandle: undefined,
  };
}

function fail(message: string): never {
  throw new Error(message);
}
