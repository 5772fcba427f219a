import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker, type BrokerConfig, type BrokerParts } from '@nest-rocketmq/broker';
import {
  DefaultMQProducer,
  DefaultMQPushConsumer,
  MQAdmin,
  type AdminOptions,
  type MessageExt,
  type MessageSelector,
  type ProducerOptions,
  type PushConsumerOptions,
} from '@nest-rocketmq/client';
import { NameServer } from '@nest-rocketmq/namesrv';
import { silentLogger, type Logger } from '@nest-rocketmq/runtime';

/** Small files; the delays of retries are a second. */
const SMALL: Partial<BrokerConfig> = {
  mappedFileSizeCommitLog: 16 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 20 * 1000,
  maxHashSlotNum: 1000,
  maxIndexNum: 4000,
  messageDelayLevel: '1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s',
};

interface Stoppable {
  shutdown(): Promise<unknown>;
}

/** A NameServer and brokers in a temporary directory, and the clients a spec starts on them. */
export class ClientCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'client-'));
  readonly #clients: Stoppable[] = [];
  readonly #brokers = new Map<string, Broker>();
  #nameServer: NameServer | undefined;
  #nameServerPort = 0;
  readonly #brokerPorts = new Map<string, number>();

  static async start(brokers: readonly string[] = ['broker-a']): Promise<ClientCluster> {
    const cluster = new ClientCluster();
    await cluster.startNameServer();
    for (const name of brokers) await cluster.startBroker(name);
    return cluster;
  }

  get nameServer(): string {
    return `127.0.0.1:${this.#nameServerPort}`;
  }

  async startNameServer(): Promise<void> {
    this.#nameServer = new NameServer({ listenPort: this.#nameServerPort });
    await this.#nameServer.start();
    this.#nameServerPort = portOf(this.#nameServer.address);
  }

  async stopNameServer(): Promise<void> {
    await this.#nameServer?.shutdown();
  }

  /** Starts a broker, on the port and the files it had before. */
  async startBroker(
    brokerName = 'broker-a',
    config: Partial<BrokerConfig> = {},
    parts: BrokerParts = {},
  ): Promise<Broker> {
    const settings = {
      ...SMALL,
      brokerName,
      namesrvAddr: this.nameServer,
      listenPort: this.#brokerPorts.get(brokerName) ?? 0,
      storePathRootDir: join(this.directory, brokerName),
      ...config,
    };
    const broker = new Broker(settings, parts);
    await broker.start();
    this.#brokerPorts.set(brokerName, portOf(broker.address));
    this.#brokers.set(brokerName, broker);
    return broker;
  }

  async stopBroker(brokerName = 'broker-a'): Promise<void> {
    await this.#brokers.get(brokerName)?.shutdown();
    this.#brokers.delete(brokerName);
  }

  async producer(options: Partial<ProducerOptions> = {}): Promise<DefaultMQProducer> {
    const producer = new DefaultMQProducer({
      group: 'producers',
      nameServer: this.nameServer,
      logger,
      ...options,
    });
    await producer.start();
    this.#clients.push(producer);
    return producer;
  }

  async admin(options: Partial<AdminOptions> = {}): Promise<MQAdmin> {
    const admin = new MQAdmin({ nameServer: this.nameServer, logger, ...options });
    await admin.start();
    this.#clients.push(admin);
    return admin;
  }

  /** A consumer that collects what it gets; a listener can make more of it. */
  async consumer(
    subscriptions: Record<string, string | MessageSelector>,
    options: Partial<PushConsumerOptions> = {},
    onMessage?: (message: MessageExt) => void | Promise<void>,
  ): Promise<Collector> {
    const consumer = new DefaultMQPushConsumer({
      group: 'consumers',
      nameServer: this.nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      logger,
      ...options,
    });
    const collector = new Collector(consumer);
    for (const [topic, selector] of Object.entries(subscriptions)) consumer.subscribe(topic, selector);
    consumer.onMessage(async (messages) => {
      for (const message of messages) {
        await onMessage?.(message);
        collector.take(message);
      }
    });
    await consumer.start();
    this.#clients.push(consumer);
    return collector;
  }

  /** Stops everything and removes the files. */
  async remove(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.shutdown()));
    for (const name of this.#brokers.keys()) await this.stopBroker(name);
    await this.#nameServer?.shutdown();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What a consumer got, and waits for more of it. */
export class Collector {
  readonly messages: MessageExt[] = [];
  #waiting: (() => void)[] = [];

  constructor(readonly consumer: DefaultMQPushConsumer) {}

  get bodies(): string[] {
    return this.messages.map((message) => message.body.toString());
  }

  take(message: MessageExt): void {
    this.messages.push(message);
    for (const check of this.#waiting) check();
  }

  /** Resolves as soon as `condition` holds, looked at after every message. */
  until(condition: (messages: readonly MessageExt[]) => boolean, timeoutMs = 20_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(`After ${timeoutMs} ms only these messages came: ${this.bodies.slice(0, 50).join(', ')}`),
        );
      }, timeoutMs);
      const check = (): void => {
        if (!condition(this.messages)) return;
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((one) => one !== check);
        resolve();
      };
      this.#waiting.push(check);
      check();
    });
  }

  count(expected: number, timeoutMs?: number): Promise<void> {
    return this.until((messages) => messages.length >= expected, timeoutMs);
  }
}

/** Resolves when `condition` holds: for what no event tells of. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Still not so after ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

/** Set CLIENT_LOG=1 to see what the clients say. */
const logger: Logger = process.env['CLIENT_LOG']
  ? { debug: console.debug, info: console.info, warn: console.warn, error: console.error }
  : silentLogger;
