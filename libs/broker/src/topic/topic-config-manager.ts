import { systemClock, type Clock, type Logger, printable, silentLogger } from '@nest-rocketmq/runtime';
import {
  PermName,
  type DataVersion,
  type TopicConfig,
  type TopicConfigSerializeWrapper,
} from '@nest-rocketmq/protocol';
import type { BrokerConfig } from '../config/broker-config.ts';
import type { ConfigFile } from '../config/config-file.ts';
import { nextVersion, newDataVersion } from '../config/data-version.ts';
import { defaultTopicConfig, initialTopics } from './initial-topics.ts';
import { isWellKnownSystemTopic, SystemTopic } from './system-topics.ts';
import { readTopics, writeTopics } from './topics-file.ts';

/** What the topic table takes from the broker's configuration. */
export type TopicManagerConfig = Pick<
  BrokerConfig,
  | 'autoCreateTopicEnable'
  | 'brokerClusterName'
  | 'brokerName'
  | 'brokerTopicEnable'
  | 'clusterTopicEnable'
  | 'defaultTopicQueueNums'
  | 'msgTraceTopicName'
  | 'reviveQueueNum'
  | 'timerWheelEnable'
  | 'traceTopicEnable'
>;

/** Called after the table changed; `topic` is undefined when it was removed. */
export type TopicListener = (name: string, topic: TopicConfig | undefined) => void;

/**
 * The broker's topics and their persistence in `topics.json` (TopicConfigManager). A change is marked, and written by
 * {@link flush}: the broker calls it once per tick before the answers go out, so a burst of new topics costs one
 * write and no answer precedes it.
 */
export class TopicConfigManager {
  readonly #config: TopicManagerConfig;
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #topics = new Map<string, TopicConfig>();
  readonly #ownNames = new Set<string>();
  readonly #listeners: TopicListener[] = [];
  #dataVersion: DataVersion;
  #dirty = false;

  constructor(config: TopicManagerConfig, file: ConfigFile, parts: { clock?: Clock; logger?: Logger } = {}) {
    this.#config = config;
    this.#file = file;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    this.#dataVersion = newDataVersion(this.#clock.now());
    for (const topic of initialTopics(config)) {
      this.#topics.set(topic.topicName, topic);
      this.#ownNames.add(topic.topicName);
    }
  }

  /**
   * Reads `topics.json` over the system topics; a missing file leaves the system topics alone.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    const stored = readTopics(this.#file.load());
    if (!stored) return;
    for (const topic of stored.topics) this.#topics.set(topic.topicName, topic);
    if (stored.dataVersion) this.#dataVersion = stored.dataVersion;
  }

  /** Writes `topics.json` when something changed since the last call; cheap otherwise. */
  flush(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#file.persist(writeTopics(this.#topics, this.#dataVersion));
  }

  /** Tells every later change to `listener`, after the table holds it: the registration listens. */
  onChange(listener: TopicListener): void {
    this.#listeners.push(listener);
  }

  /** The topic's configuration. Live: do not change it, give {@link updateTopic} a new one. */
  select(topic: string): TopicConfig | undefined {
    return this.#topics.get(topic);
  }

  /** All topics by name. */
  get topics(): ReadonlyMap<string, TopicConfig> {
    return this.#topics;
  }

  /** The version of the table: a NameServer takes a route over only when it differs from the one it has. */
  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  /** The table as codes 21 and 103 carry it. */
  wrapper(): TopicConfigSerializeWrapper {
    return { dataVersion: this.#dataVersion, topicConfigTable: this.#topics };
  }

  /** Whether the topic is RocketMQ's own here: well known, or this cluster's or broker's. */
  isSystemTopic(topic: string): boolean {
    return this.#ownNames.has(topic) || isWellKnownSystemTopic(topic);
  }

  /**
   * The topic, created after `defaultTopic`'s model when it doesn't exist and that one can be inherited from.
   * With `autoCreateTopicEnable` off, TBW102 loses its inherit bit.
   * @param queueNums the client's default: the new topic gets no more queues than this and than the default topic
   * @param remoteAddress for the log
   * @returns undefined when the topic neither exists nor may be created
   */
  createTopicInSendMessage(
    topic: string,
    defaultTopic: string,
    queueNums: number,
    topicSysFlag = 0,
    remoteAddress = 'unknown',
  ): TopicConfig | undefined {
    const known = this.#topics.get(topic);
    if (known) return known;
    const model = this.#topics.get(defaultTopic);
    const who = `default topic ${printable(defaultTopic)}, producer ${remoteAddress}`;
    if (!model) {
      this.#logger.warn(
        `Topic ${printable(topic)} was not created: the default topic does not exist (${who})`,
      );
      return undefined;
    }
    if (defaultTopic === SystemTopic.AUTO_CREATE_TOPIC_KEY && !this.#config.autoCreateTopicEnable) {
      model.perm = PermName.READ | PermName.WRITE;
    }
    if ((model.perm & PermName.INHERIT) === 0) {
      this.#logger.warn(
        `Topic ${printable(topic)} was not created: the default topic can't be inherited (${who})`,
      );
      return undefined;
    }
    const queues = Math.max(0, Math.min(queueNums, model.writeQueueNums));
    const created: TopicConfig = {
      ...defaultTopicConfig(topic, queues, model.perm & ~PermName.INHERIT),
      topicSysFlag,
      topicFilterType: model.topicFilterType,
    };
    this.#logger.info(`Created topic ${printable(topic)} with ${queues} queues (${who})`);
    this.#put(created);
    return created;
  }

  /** The retry or dead-letter topic, created when it doesn't exist (send-back, heartbeat). */
  createTopicInSendBack(
    topic: string,
    queueNums: number,
    perm: number,
    topicSysFlag = 0,
    order = false,
  ): TopicConfig {
    const known = this.#topics.get(topic);
    if (known && known.order === order) return known;
    const created = known
      ? { ...known, order }
      : { ...defaultTopicConfig(topic, queueNums, perm), topicSysFlag, order };
    this.#put(created);
    return created;
  }

  /** Creates or replaces a topic (code 17). The caller has checked name, permission and attributes. */
  updateTopic(config: TopicConfig): void {
    this.#put({ ...config });
  }

  /** Sets the unit bits of a topic's system flag (heartbeats of unit-mode consumers). */
  updateTopicSysFlag(topic: string, topicSysFlag: number): void {
    const known = this.#topics.get(topic);
    if (known && known.topicSysFlag !== topicSysFlag) this.#put({ ...known, topicSysFlag });
  }

  /** Marks the topics that the NameServer has an order configuration for; those that lack one keep their mark. */
  markOrdered(topics: Iterable<string>): void {
    for (const topic of topics) {
      const known = this.#topics.get(topic);
      if (known && !known.order) this.#put({ ...known, order: true });
    }
  }

  /** Removes a topic (code 215). @returns whether it existed */
  deleteTopic(topic: string): boolean {
    if (!this.#topics.delete(topic)) return false;
    this.#logger.info(`Deleted topic ${printable(topic)}`);
    this.#changed(topic, undefined);
    return true;
  }

  /**
   * Makes a new version of the table though no topic changed: what NameServers are told of the topics did, by the
   * permission of the broker.
   */
  touch(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now());
    this.#dirty = true;
  }

  #put(config: TopicConfig): void {
    this.#topics.set(config.topicName, config);
    this.#changed(config.topicName, config);
  }

  #changed(name: string, topic: TopicConfig | undefined): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now());
    this.#dirty = true;
    for (const listener of this.#listeners) listener(name, topic);
  }
}
