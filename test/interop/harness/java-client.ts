import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Driver, type DriverEvent } from './driver.ts';
import { javaArguments, removeDirectory, rocketmqHome } from './java-home.ts';
import type {
  ClientVersion,
  JavaClientSecurity,
  ConsumeStatsRow,
  JavaConsumerOptions,
  JavaSendResult,
  OutgoingMessage,
  Queue,
  SeenMessage,
} from './java-types.ts';
import { driverClassPath } from './toolchain.ts';
import { PATIENCE_MS, until } from './until.ts';

type SentMessage = Omit<SeenMessage, 'body'> & { body: string };

const LOGBACK = '<configuration><root level="OFF"/></configuration>\n';

/** One JVM with Apache's client in it (`java/Driver.java`); a suite has one of each version. */
export class JavaClient {
  readonly version: ClientVersion;
  private readonly driver: Driver;
  private readonly home: string;
  private readonly consumers = new Map<string, SeenMessage[]>();
  private lastId = 0;

  constructor(version: ClientVersion) {
    this.version = version;
    this.home = rocketmqHome(`client-${version}`);
    const logback = join(this.home, 'logback.xml');
    writeFileSync(logback, LOGBACK);
    this.driver = new Driver(
      `Java client ${version}`,
      'java',
      [
        `-Dlogback.configurationFile=${logback}`,
        ...javaArguments(this.home, '512m', driverClassPath(`client-${version}`), 'Driver'),
      ],
      (event) => this.heard(event),
    );
  }

  /** Calls the driver; fails with what Java threw. */
  call<T>(call: string, parameters: Record<string, unknown>): Promise<T> {
    return this.driver.call(call, parameters);
  }

  async producer(
    nameServer: string,
    group = 'java-producer',
    security: JavaClientSecurity = {},
  ): Promise<JavaProducer> {
    const id = `producer-${++this.lastId}`;
    await this.call('producer.start', { producer: id, group, nameServer, ...security });
    return new JavaProducer(this, id);
  }

  async consumer(options: JavaConsumerOptions & JavaClientSecurity): Promise<JavaConsumer> {
    const id = `consumer-${++this.lastId}`;
    const messages: SeenMessage[] = [];
    this.consumers.set(id, messages);
    await this.call('consumer.start', {
      consumer: id,
      expression: '*',
      expressionType: 'TAG',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      ...options,
    });
    return new JavaConsumer(this, id, options.topic, messages);
  }

  /** All messages of a topic, queue by queue from the first offset, read with a pull consumer. */
  async read(nameServer: string, topic: string, group = 'java-reader'): Promise<SeenMessage[]> {
    const messages = await this.call<SentMessage[]>('consumer.read', { nameServer, topic, group });
    return messages.map(seen);
  }

  /** Waits until the broker is registered at the NameServer under that name, with that address if one is given. */
  async registered(nameServer: string, brokerName: string, address?: string): Promise<void> {
    await until(`${brokerName} is registered at ${nameServer}`, async () => {
      const found = (await this.call<Record<string, string>>('admin.brokers', { nameServer }))[brokerName];
      return found !== undefined && (address === undefined || found === address);
    });
  }

  /** Creates the topic on that broker, and waits until the NameServer has its route. */
  async createTopic(nameServer: string, broker: string, topic: string, queues = 4): Promise<void> {
    await this.call('admin.createTopic', { nameServer, broker, topic, queues });
    await until(`${topic} has a route`, () => this.call<string>('admin.route', { nameServer, topic }));
  }

  /** Where a group stands on the queues of a topic. */
  consumeStats(nameServer: string, group: string, topic: string): Promise<ConsumeStatsRow[]> {
    return this.call('admin.consumeStats', { nameServer, group, topic });
  }

  /** What `mqadmin <command...>` prints. */
  mqadmin(...command: string[]): Promise<string> {
    return this.call('mqadmin', { command });
  }

  /** Ends the JVM. */
  async close(): Promise<void> {
    await this.driver.kill();
    removeDirectory(this.home);
  }

  private heard(event: DriverEvent): void {
    const { consumer, message } = event as { consumer: string; message: SentMessage };
    this.consumers.get(consumer)?.push(seen(message));
  }
}

/** A `DefaultMQProducer` of Apache's. */
export class JavaProducer {
  private readonly client: JavaClient;
  private readonly id: string;

  constructor(client: JavaClient, id: string) {
    this.client = client;
    this.id = id;
  }

  send(message: OutgoingMessage, queueId?: number): Promise<JavaSendResult> {
    return this.call('send', { message: encoded(message), ...(queueId !== undefined && { queueId }) });
  }

  sendBatch(messages: OutgoingMessage[]): Promise<JavaSendResult> {
    return this.call('sendBatch', { messages: messages.map(encoded) });
  }

  sendOneway(message: OutgoingMessage): Promise<void> {
    return this.call('sendOneway', { message: encoded(message) });
  }

  queues(topic: string): Promise<Queue[]> {
    return this.call('queues', { topic });
  }

  offsets(queue: Queue): Promise<{ min: number; max: number }> {
    return this.call('offsets', { queue });
  }

  searchOffset(queue: Queue, timestamp: number): Promise<number> {
    return this.call('searchOffset', { queue, timestamp });
  }

  /** By either kind of id. */
  async view(topic: string, msgId: string): Promise<SeenMessage> {
    return seen(await this.call<SentMessage>('view', { topic, msgId }));
  }

  async query(topic: string, key: string): Promise<SeenMessage[]> {
    return (await this.call<SentMessage[]>('query', { topic, key })).map(seen);
  }

  stop(): Promise<void> {
    return this.call('stop', {});
  }

  private call<T>(call: string, parameters: Record<string, unknown>): Promise<T> {
    return this.client.call(`producer.${call}`, { producer: this.id, ...parameters });
  }
}

/** A `DefaultMQPushConsumer` of Apache's. */
export class JavaConsumer {
  /** What its listener has been handed so far, in that order. */
  readonly messages: readonly SeenMessage[];
  private readonly client: JavaClient;
  private readonly id: string;
  private readonly topic: string;

  constructor(client: JavaClient, id: string, topic: string, messages: readonly SeenMessage[]) {
    this.client = client;
    this.id = id;
    this.topic = topic;
    this.messages = messages;
  }

  /** Its bodies as text, sorted: what arrived, whatever the order of the queues. */
  get bodies(): string[] {
    return this.messages.map((message) => message.body.toString()).sort();
  }

  /** Waits until at least that many messages have come. */
  async received(count: number, timeoutMs = PATIENCE_MS): Promise<readonly SeenMessage[]> {
    const what = `Java consumer ${this.client.version} has ${count} messages`;
    await until(
      what,
      () => this.messages.length >= count,
      timeoutMs,
      () => this.bodies.slice(0, 50),
    );
    return this.messages;
  }

  /** The queues of its topic that it has been given. */
  assignment(): Promise<Queue[]> {
    return this.client.call('consumer.assignment', { consumer: this.id, topic: this.topic });
  }

  stop(): Promise<void> {
    return this.client.call('consumer.stop', { consumer: this.id });
  }
}

function encoded(message: OutgoingMessage): Record<string, unknown> {
  return { ...message, body: Buffer.from(message.body).toString('base64') };
}

function seen(message: SentMessage): SeenMessage {
  return { ...message, body: Buffer.from(message.body, 'base64') };
}
