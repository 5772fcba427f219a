import { EmbeddedCluster, type EmbeddedClusterOptions } from '@nest-rocketmq/embedded';
import { MQAdmin, type MessageExt, type MessageQueue } from '@nest-rocketmq/client';
import { parseDuration, RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import type { RocketMQModuleOptions } from 'nest-rocketmq';
import { TestClock } from './test-clock.ts';

/** How a cluster for tests is set up. */
export interface TestClusterOptions {
  /** Topics that are there from the start; others come with their first message. */
  topics?: readonly string[];
  /** Further settings of the broker, with RocketMQ's names. */
  broker?: EmbeddedClusterOptions['broker'];
  /** Default: silent. */
  logger?: EmbeddedClusterOptions['logger'];
}

const DEAD_LETTER_PREFIX = '%DLQ%';
const TOPIC_NOT_EXIST = 17;
const ROUTE_PATIENCE_MS = 5000;
const ROUTE_POLL_MS = 5;

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
  #stopped: Promise<void> | undefined;

  private constructor(cluster: EmbeddedCluster, clock: TestClock, admin: MQAdmin) {
    this.nameServer = cluster.nameServer;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#admin = admin;
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

  /** Creates a topic, or changes the number of its queues. */
  async createTopic(topic: string, queueNums = 4): Promise<void> {
    await this.#admin.createTopic({ topic, readQueueNums: queueNums, writeQueueNums: queueNums });
  }

  /**
   * The messages that are in a topic, in the order they were stored in, consumed or not. What is delayed is not there yet.
   * @param destination `topic`, `topic:tag` or `topic:tag || tag`
   */
  async messages(destination: string): Promise<MessageExt[]> {
    const colon = destination.indexOf(':');
    const topic = colon < 0 ? destination : destination.slice(0, colon);
    const expression = colon < 0 ? '' : destination.slice(colon + 1);
    const tags = expression.split('||').flatMap((tag) => tag.trim() || []);
    const all = await this.#messagesOf(topic);
    return tags.length === 0 ? all : all.filter((message) => tags.includes(message.tags ?? ''));
  }

  /** The messages that a consumer group gave up on, in the order it did. */
  async deadLetters(group: string): Promise<MessageExt[]> {
    return this.#messagesOf(DEAD_LETTER_PREFIX + group);
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
    this.#clock.stop();
    await this.#admin.shutdown();
    await this.#cluster.shutdown();
  }

  async #messagesOf(topic: string): Promise<MessageExt[]> {
    const messages: MessageExt[] = [];
    for (const queue of await this.#queuesOf(topic)) {
      const end = await this.#admin.maxOffset(queue);
      let offset = await this.#admin.minOffset(queue);
      while (offset < end) {
        const slice = await this.#admin.readQueue(queue, offset);
        messages.push(...slice.messages);
        if (slice.nextOffset <= offset) break;
        offset = slice.nextOffset;
      }
    }
    return messages.sort((a, b) => a.commitLogOffset - b.commitLogOffset);
  }

  /** The queues of a topic; none when the broker has no such topic. */
  async #queuesOf(topic: string): Promise<readonly MessageQueue[]> {
    try {
      await this.#admin.topicConfig(topic, this.brokerAddress);
    } catch (error) {
      if (error instanceof RocketMQError && error.responseCode === TOPIC_NOT_EXIST) return [];
      throw error;
    }
    // The NameServer learns of a new topic a moment after the broker's first answer.
    for (const deadline = performance.now() + ROUTE_PATIENCE_MS; ;) {
      try {
        return await this.#admin.topicQueues(topic);
      } catch (error) {
        const unknown = error instanceof RocketMQError && error.code === 'NO_ROUTE';
        if (!unknown || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, ROUTE_POLL_MS));
      }
    }
  }
}
