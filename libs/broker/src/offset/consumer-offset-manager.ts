import {
  scheduleEvery,
  systemClock,
  type Clock,
  type Logger,
  type Scheduled,
  printable,
  silentLogger,
} from '@nest-rocketmq/runtime';
import type { ConsumerOffsetSerializeWrapper, DataVersion } from '@nest-rocketmq/protocol';
import type { BrokerConfig } from '../config/broker-config.ts';
import type { ConfigFile } from '../config/config-file.ts';
import { newDataVersion, nextVersion } from '../config/data-version.ts';
import { readConsumerOffsets, writeConsumerOffsets } from './consumer-offsets-file.ts';
import { KEY_SEPARATOR, topicAtGroup } from '../topic/topic-at-group.ts';

/** What the offset table takes from the broker's configuration. */
export type ConsumerOffsetManagerConfig = Pick<
  BrokerConfig,
  'consumerOffsetUpdateVersionStep' | 'flushConsumerOffsetInterval' | 'useServerSideResetOffset'
>;

/**
 * How far each group has consumed each queue, kept in `consumerOffset.json` (ConsumerOffsetManager): written every
 * `flushConsumerOffsetInterval` milliseconds when something changed, and by {@link flush} at the end.
 */
export class ConsumerOffsetManager {
  readonly #config: ConsumerOffsetManagerConfig;
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** `topic@group` -> queueId -> offset, as in the file. */
  readonly #offsets = new Map<string, Map<number, number>>();
  /** Offsets that an operator set and a client has not asked for yet; memory only, as in Java. */
  readonly #resets = new Map<string, Map<number, number>>();
  readonly #pulled = new Map<string, Map<number, number>>();
  #dataVersion: DataVersion;
  #commits = 0;
  #dirty = false;
  #timer: Scheduled | undefined;

  constructor(
    config: ConsumerOffsetManagerConfig,
    file: ConfigFile,
    parts: { clock?: Clock; logger?: Logger } = {},
  ) {
    this.#config = config;
    this.#file = file;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    this.#dataVersion = newDataVersion(this.#clock.now());
  }

  /**
   * Reads `consumerOffset.json`; a missing file leaves the table empty.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    const stored = readConsumerOffsets(this.#file.load());
    if (!stored) return;
    for (const [key, offsets] of stored.offsets) this.#offsets.set(key, offsets);
    if (stored.dataVersion) this.#dataVersion = stored.dataVersion;
  }

  /** Starts the periodic write. */
  start(): void {
    const period = this.#config.flushConsumerOffsetInterval;
    this.#timer ??= scheduleEvery(this.#clock, period, period, () => this.flush());
  }

  /** Stops the periodic write and writes what is left. */
  shutdown(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.flush();
  }

  /** Writes `consumerOffset.json` when something changed since the last time. */
  flush(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#file.persist(writeConsumerOffsets(this.#offsets, this.#dataVersion));
  }

  /**
   * The offset from which the group continues: one that was reset by an operator (see {@link reset}), else the committed
   * one, else -1. The client takes a reset offset over with its next question, so the question leaves it in place.
   */
  query(group: string, topic: string, queueId: number): number {
    const key = topicAtGroup(topic, group);
    if (this.#resets.size > 0 && this.#config.useServerSideResetOffset) {
      const reset = this.#resets.get(key)?.get(queueId);
      if (reset !== undefined) return reset;
    }
    return this.#offsets.get(key)?.get(queueId) ?? -1;
  }

  /** The committed offsets of one group on one topic, by queue. Live. */
  queryAll(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.#offsets.get(topicAtGroup(topic, group));
  }

  /**
   * Records that the group consumed the queue up to `offset` (exclusive).
   * @param clientHost for the log: an offset below the known one is recorded, and noticed
   */
  commit(clientHost: string, group: string, topic: string, queueId: number, offset: number): void {
    const key = topicAtGroup(topic, group);
    let queues = this.#offsets.get(key);
    if (!queues) this.#offsets.set(key, (queues = new Map()));
    const known = queues.get(queueId);
    if (known === offset) return;
    queues.set(queueId, offset);
    if (known !== undefined && offset < known) {
      const what = `group ${printable(group)}, topic ${printable(topic)}, queue ${queueId}`;
      this.#logger.warn(`${clientHost} set the consumer offset back from ${known} to ${offset} (${what})`);
    }
    this.#changed();
  }

  /** Remembers up to where a group pulled, for the consume statistics (208). Memory only. */
  commitPull(group: string, topic: string, queueId: number, offset: number): void {
    const key = topicAtGroup(topic, group);
    let queues = this.#pulled.get(key);
    if (!queues) this.#pulled.set(key, (queues = new Map()));
    queues.set(queueId, offset);
  }

  /** Up to where the group pulled, else its committed offset, else -1. */
  queryPull(group: string, topic: string, queueId: number): number {
    return this.#pulled.get(topicAtGroup(topic, group))?.get(queueId) ?? this.query(group, topic, queueId);
  }

  /** Sets the offset for a group that may be running: held until the client asks (ConsumerOffsetManager.assignResetOffset). */
  reset(group: string, topic: string, queueId: number, offset: number): void {
    const key = topicAtGroup(topic, group);
    let queues = this.#resets.get(key);
    if (!queues) this.#resets.set(key, (queues = new Map()));
    queues.set(queueId, offset);
    let committed = this.#offsets.get(key);
    if (!committed) this.#offsets.set(key, (committed = new Map()));
    committed.set(queueId, offset);
    this.#changed();
  }

  /** Whether a reset offset waits for the client. */
  hasReset(group: string, topic: string, queueId: number): boolean {
    return this.#resets.size > 0 && this.#resets.get(topicAtGroup(topic, group))?.has(queueId) === true;
  }

  /** The waiting reset offset, which is thereby handed over; undefined when there is none (pull, code 11). */
  takeReset(group: string, topic: string, queueId: number): number | undefined {
    if (this.#resets.size === 0) return undefined;
    const key = topicAtGroup(topic, group);
    const queues = this.#resets.get(key);
    const offset = queues?.get(queueId);
    if (queues?.delete(queueId) && queues.size === 0) this.#resets.delete(key);
    return offset;
  }

  /** Forgets everything about a group (code 207 with its offsets). */
  removeGroup(group: string): void {
    this.#remove((_topic, owner) => owner === group);
  }

  /** Forgets everything about a topic (code 215). */
  removeTopic(topic: string): void {
    this.#remove((name) => name === topic);
  }

  /** Copies one group's offsets on a topic to another group (code 314). */
  clone(from: string, to: string, topic: string): void {
    const offsets = this.#offsets.get(topicAtGroup(topic, from));
    if (!offsets) return;
    this.#offsets.set(topicAtGroup(topic, to), new Map(offsets));
    this.#changed();
  }

  /** The topics on which a group has offsets. */
  topicsOf(group: string): Set<string> {
    const topics = new Set<string>();
    for (const key of this.#offsets.keys()) {
      const [topic, owner] = split(key);
      if (owner === group) topics.add(topic);
    }
    return topics;
  }

  /** The groups that have offsets on a topic. */
  groupsOf(topic: string): Set<string> {
    const groups = new Set<string>();
    for (const key of this.#offsets.keys()) {
      const [name, group] = split(key);
      if (name === topic) groups.add(group);
    }
    return groups;
  }

  /** The version of the table; it moves once per `consumerOffsetUpdateVersionStep` commits. */
  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  /** The table as code 43 carries it. */
  wrapper(): ConsumerOffsetSerializeWrapper {
    return { dataVersion: this.#dataVersion, offsetTable: this.#offsets };
  }

  #remove(matches: (topic: string, group: string) => boolean): void {
    for (const table of [this.#offsets, this.#resets, this.#pulled]) {
      for (const key of table.keys()) {
        if (matches(...split(key)) && table.delete(key)) this.#dirty = true;
      }
    }
  }

  #changed(): void {
    this.#dirty = true;
    if (++this.#commits % this.#config.consumerOffsetUpdateVersionStep !== 0) return;
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now());
  }
}

function split(key: string): [topic: string, group: string] {
  const at = key.indexOf(KEY_SEPARATOR);
  return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at + 1)];
}
