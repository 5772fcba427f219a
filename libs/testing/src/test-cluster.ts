import { EmbeddedCluster, type EmbeddedClusterOptions } from '@nest-rocketmq/embedded';
import { DefaultMQProducer, MQAdmin, type MessageExt } from '@nest-rocketmq/client';
import { parseDuration, type Duration } from '@nest-rocketmq/runtime';
import {
  DefaultMessageConverter,
  toMessage,
  type RocketMQModuleOptions,
  type SendOptions,
} from 'nest-rocketmq';
import { TestClock } from './test-clock.ts';
import { readTopic } from './topic-content.ts';
import { Traffic, type Delivered, type DeliveryWanted, type SentMessage } from './traffic.ts';

/** How a cluster for tests is set up. */
export interface TestClusterOptions {
  /** Topics that are there from the start; others come with their first message. */
  topics?: readonly string[];
  /** Further settings of the broker, with RocketMQ's names. */
  broker?: EmbeddedClusterOptions['broker'];
  /** Default: silent. */
  logger?: EmbeddedClusterOptions['logger'];
}

/** How a message is delivered for a test: what `RocketMQTemplate.send` takes, and who is waited for. */
export interface DeliverOptions extends Pick<
  SendOptions,
  'tag' | 'keys' | 'headers' | 'hashKey' | 'converter'
> {
  /** The consumer group that is to have it. Default: the first that does. */
  group?: string;
  /** Whether the broker's time goes on until the message is done, or a dead letter. Default false: one attempt. */
  toTheEnd?: boolean;
  /** How long to wait for it, in the test's time. Default 10 s. */
  timeout?: Duration;
}

const PRODUCER_GROUP = 'TEST_CLUSTER';
const PATIENCE = '10s';
/** Between two retries; the shortest of RocketMQ's own is 10 s. */
const RETRY_STEP = '10s';
const RETRY_POLL_MS = 2;
const DEAD_LETTER_PREFIX = '%DLQ%';

/**
 * RocketMQ for a test: a NameServer and a broker in this process, on free ports, in a temporary directory, with a clock of
 * their own. What was sent and what ended as a dead letter can be looked at without consuming it.
 */
export class TestCluster {
  /** `host:port` for clients. */
  readonly nameServer: string;
  readonly #cluster: EmbeddedCluster;
  readonly #clock: TestClock;
  readonly #admin: MQAdmin;
  readonly #traffic: Traffic;
  #producer: Promise<DefaultMQProducer> | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(cluster: EmbeddedCluster, clock: TestClock, admin: MQAdmin) {
    this.nameServer = cluster.nameServer;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#admin = admin;
    this.#traffic = new Traffic(cluster.brokerAddress);
  }

  /** Starts a cluster with nothing in it. @throws RocketMQError `INVALID_CONFIG` when a setting of the broker is wrong */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const clock = new TestClock();
    const { broker, logger, topics = [] } = options;
    let cluster: EmbeddedCluster | undefined;
    try {
      cluster = await EmbeddedCluster.startTemporary({ storeClock: clock, broker, logger });
      const admin = new MQAdmin({ nameServer: cluster.nameServer });
      await admin.start();
      const started = new TestCluster(cluster, clock, admin);
      for (const topic of topics) await started.createTopic(topic);
      return started;
    } catch (error) {
      clock.stop();
      await cluster?.shutdown();
      throw error;
    }
  }

  /**
   * Options of `RocketMQModule` for this cluster: the value to override `getRocketMQOptionsToken()` with.
   * @param more further options of the module
   */
  options(more: Omit<RocketMQModuleOptions, 'nameServer' | 'embedded'> = {}): RocketMQModuleOptions {
    return { ...more, nameServer: this.nameServer };
  }

  /** `host:port` of the broker. */
  get brokerAddress(): string {
    return this.#cluster.brokerAddress;
  }

  /** The time at the broker, in milliseconds since the epoch: the machine's, and what it was advanced by. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Moves the broker's time ahead: what was delayed or waits for a retry until then comes now, again and again where a
   * retry fails once more. Clients and connections stay in the present.
   */
  async advance(duration: Duration): Promise<void> {
    await this.#clock.advance(parseDuration(duration));
  }

  /**
   * Sends a message and waits until a listener of this process was called with it.
   * @param destination `topic` or `topic:tag`
   * @returns how that ended: `consumed`, `retry`, `dead-letter`
   * @throws RocketMQError `TIMEOUT` when nobody took it in time; it says what else was delivered
   */
  async deliver(destination: string, payload: unknown, options: DeliverOptions = {}): Promise<Delivered> {
    const { group, toTheEnd = false, timeout = PATIENCE, ...sendOptions } = options;
    const message = toMessage(destination, payload, sendOptions, new DefaultMessageConverter());
    this.#producer ??= this.#startProducer();
    const producer = await this.#producer;
    const { msgId } = await producer.send(message);
    const first = await this.delivered({ msgId, ...(group === undefined ? {} : { group }) }, timeout);
    return toTheEnd ? this.#endOf(first, parseDuration(timeout)) : first;
  }

  /**
   * Waits for a call of a listener of this process, by the group, a key or the id of its message, the attempt or the outcome.
   * A call of the past is as good.
   * @throws RocketMQError `TIMEOUT` when there was none in time; it says what else was delivered
   */
  delivered(wanted: DeliveryWanted, timeout: Duration = PATIENCE): Promise<Delivered> {
    return this.#traffic.delivery(wanted, parseDuration(timeout));
  }

  /**
   * Every call of a listener of this process, in the order in which they ended.
   * @param group only of this consumer group
   */
  deliveries(group?: string): Delivered[] {
    const { delivered } = this.#traffic;
    return group === undefined ? [...delivered] : delivered.filter((one) => one.group === group);
  }

  /**
   * What producers of this process sent and the cluster confirmed, as it was sent: also what is delayed or half of a
   * transaction, which {@link messages} has only when it can be consumed.
   * @param destination `topic`, `topic:tag` or `topic:tag || tag`; default: everything
   */
  sent(destination?: string): SentMessage[] {
    if (destination === undefined) return [...this.#traffic.sent];
    const { topic, tags } = parse(destination);
    return this.#traffic.sent.filter(
      ({ message }) => message.topic === topic && (tags.length === 0 || tags.includes(message.tags ?? '')),
    );
  }

  /** Creates a topic, or changes the number of its queues. */
  async createTopic(topic: string, queueNums = 4): Promise<void> {
    await this.#admin.createTopic({ topic, readQueueNums: queueNums, writeQueueNums: queueNums });
  }

  /**
   * The messages that are in a topic, in the order they were stored in, consumed or not. What is delayed is not there yet.
   * @param destination `topic`, `topic:tag` or `topic:tag || tag`
   */
  async messages(destination: string): Promise<MessageExt[]> {
    const { topic, tags } = parse(destination);
    const all = await readTopic(this.#admin, this.brokerAddress, topic);
    return tags.length === 0 ? all : all.filter((message) => tags.includes(message.tags ?? ''));
  }

  /** The messages that a consumer group gave up on, in the order it did. */
  async deadLetters(group: string): Promise<MessageExt[]> {
    return readTopic(this.#admin, this.brokerAddress, DEAD_LETTER_PREFIX + group);
  }

  /**
   * Waits until a consumer group has given up on a message, while the broker's time stands.
   * @param key one of the message's keys. Default: any message
   * @returns the dead letter; why it is one is in its property `REJECT_REASON`
   * @throws RocketMQError `TIMEOUT` when there is none in time; it says what the group got
   */
  async deadLetter(group: string, key?: string, timeout: Duration = PATIENCE): Promise<MessageExt> {
    const deadline = performance.now() + parseDuration(timeout);
    for (;;) {
      const letters = await this.deadLetters(group);
      const found = letters.find(({ keys }) => key === undefined || keys.includes(key));
      if (found) return found;
      // Says what was delivered, because nothing is like this.
      if (performance.now() > deadline) await this.delivered({ group, key, attempt: 0 }, 0);
      await new Promise((resolve) => setTimeout(resolve, RETRY_POLL_MS));
    }
  }

  /** Stops the cluster and removes its files. Clients have to be stopped before. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** As {@link stop}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#traffic.close();
    this.#clock.stop();
    await (await this.#producer)?.shutdown();
    await this.#admin.shutdown();
    await this.#cluster.shutdown();
  }

  async #startProducer(): Promise<DefaultMQProducer> {
    const producer = new DefaultMQProducer({ group: PRODUCER_GROUP, nameServer: this.nameServer });
    await producer.start();
    return producer;
  }

  /** Lets the time of retries pass until a message is done with. */
  async #endOf({ group, message, ...last }: Delivered, patienceMs: number): Promise<Delivered> {
    const { msgId } = message;
    const deadline = performance.now() + patienceMs;
    let delivered: Delivered = { group, message, ...last };
    while (delivered.outcome === 'retry') {
      const wanted = { group, msgId, attempt: delivered.attempt + 1 };
      let next = this.#traffic.find(wanted);
      while (!next && performance.now() < deadline) {
        await this.advance(RETRY_STEP);
        await new Promise((resolve) => setTimeout(resolve, RETRY_POLL_MS));
        next = this.#traffic.find(wanted);
      }
      delivered = next ?? (await this.#traffic.delivery(wanted, 0));
    }
    return delivered;
  }
}

/** A topic and the tags that are asked for; none for all. */
function parse(destination: string): { topic: string; tags: string[] } {
  const colon = destination.indexOf(':');
  if (colon < 0) return { topic: destination, tags: [] };
  const tags = destination
    .slice(colon + 1)
    .split('||')
    .flatMap((tag) => tag.trim() || []);
  return { topic: destination.slice(0, colon), tags };
}
