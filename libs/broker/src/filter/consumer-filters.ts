import { isTagType } from '@nest-rocketmq/filter';
import type { SubscriptionData } from '@nest-rocketmq/protocol';
import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import type { BrokerConfig } from '../config/broker-config.ts';
import type { ConfigFile } from '../config/config-file.ts';
import { member, members } from '../config/json-fields.ts';
import { BloomFilter } from './bloom-filter.ts';
import { isDead, readFilterData, writeFilterData, type ConsumerFilterData } from './consumer-filter-data.ts';

const PERSIST_MS = 10_000;
/** Filters of a file count as dead since so long before it was read: their consumers are yet to be heard. */
const DEAD_BEFORE_LOAD_MS = 30_000;

type FiltersByTopic = Map<string, Map<string, ConsumerFilterData>>;
type Config = Pick<
  BrokerConfig,
  'maxErrorRateOfBloomFilter' | 'expectConsumerNumUseFilter' | 'filterDataCleanTimeSpan'
>;

/**
 * What groups filter by that do not filter by tags, by topic, as their heartbeats say (ConsumerFilterManager). It is kept
 * in `consumerFilter.json`, and for `filterDataCleanTimeSpan` after the last member has gone.
 */
export class ConsumerFilters {
  readonly #config: Config;
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #compiles: (expression: string, type: string) => boolean;
  readonly #bloomFilter: BloomFilter;
  /** By topic, by group. */
  #filters: FiltersByTopic = new Map();
  #dirty = false;
  #timer: Scheduled | undefined;

  /** @param compiles whether an expression is one of its type */
  constructor(
    config: Config,
    file: ConfigFile,
    parts: { clock: Clock; compiles: (expression: string, type: string) => boolean },
  ) {
    this.#config = config;
    this.#file = file;
    this.#clock = parts.clock;
    this.#compiles = parts.compiles;
    this.#bloomFilter = new BloomFilter(config.maxErrorRateOfBloomFilter, config.expectConsumerNumUseFilter);
  }

  /**
   * Reads the file. One that another Bloom filter was made for is ignored: the groups register anew.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    const now = this.#clock.now();
    const filters: FiltersByTopic = new Map();
    for (const [topic, value] of members(member(this.#file.load(), 'filterDataByTopic'))) {
      const groups = new Map<string, ConsumerFilterData>();
      for (const [group, entry] of members(member(value, 'groupFilterData'))) {
        const data = readFilterData(entry);
        if (!data?.bloomFilterData || !this.#bloomFilter.isValid(data.bloomFilterData)) return;
        if (data.deadTime === 0) data.deadTime = Math.max(now - DEAD_BEFORE_LOAD_MS, data.bornTime);
        groups.set(group, data);
      }
      filters.set(topic, groups);
    }
    this.#filters = filters;
  }

  start(): void {
    this.#timer ??= scheduleEvery(this.#clock, PERSIST_MS, PERSIST_MS, () => this.flush());
  }

  /** Stops the periodic write and writes what is left. */
  shutdown(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.flush();
  }

  /** By what a group filters a topic; undefined when that is by tags, or not known. */
  get(topic: string, group: string): ConsumerFilterData | undefined {
    return this.#filters.get(topic)?.get(group);
  }

  /** Takes over the subscriptions of a group; filters of topics that are not among them are dead. */
  register(group: string, subscriptions: readonly SubscriptionData[]): void {
    const topics = new Set<string>();
    for (const subscription of subscriptions) {
      topics.add(subscription.topic);
      if (!isTagType(subscription.expressionType) && subscription.subString !== '')
        this.#register(group, subscription);
    }
    for (const [topic, groups] of this.#filters) {
      const data = groups.get(group);
      if (data && !topics.has(topic)) this.#die(data);
    }
  }

  /** The last member of a group has gone. */
  unregister(group: string): void {
    for (const groups of this.#filters.values()) {
      const data = groups.get(group);
      if (data) this.#die(data);
    }
  }

  /** Forgets those that are dead for long, and writes the file when anything changed. */
  flush(): void {
    this.#clean();
    if (!this.#dirty) return;
    this.#dirty = false;
    const byTopic = [...this.#filters].map(([topic, groups]): [string, unknown] => {
      const groupFilterData = new Map([...groups].map(([group, data]) => [group, writeFilterData(data)]));
      return [topic, { groupFilterData, topic }];
    });
    this.#file.persist({ filterDataByTopic: new Map(byTopic) });
  }

  #register(group: string, subscription: SubscriptionData): void {
    const { topic, subString: expression, expressionType, subVersion } = subscription;
    const known = this.get(topic, group);
    if (known && subVersion <= known.clientVersion) {
      if (subVersion === known.clientVersion) this.#revive(known);
      return;
    }
    const bloomFilterData = this.#bloomFilter.generate(`${group}#${topic}`);
    if (known?.expression === expression && known.expressionType === expressionType) {
      known.clientVersion = subVersion;
      this.#dirty = true;
      this.#revive(known);
      return;
    }
    if (!this.#compiles(expression, expressionType)) {
      // Its client is told when it pulls.
      if (this.#filters.get(topic)?.delete(group)) this.#dirty = true;
      return;
    }
    let groups = this.#filters.get(topic);
    if (!groups) this.#filters.set(topic, (groups = new Map()));
    groups.set(group, {
      bloomFilterData,
      bornTime: this.#clock.now(),
      clientVersion: subVersion,
      consumerGroup: group,
      deadTime: 0,
      expression,
      expressionType,
      topic,
    });
    this.#dirty = true;
  }

  #revive(data: ConsumerFilterData): void {
    if (!isDead(data)) return;
    data.deadTime = 0;
    this.#dirty = true;
  }

  #die(data: ConsumerFilterData): void {
    if (isDead(data)) return;
    data.deadTime = this.#clock.now();
    this.#dirty = true;
  }

  #clean(): void {
    const since = this.#clock.now() - this.#config.filterDataCleanTimeSpan;
    for (const [topic, groups] of this.#filters) {
      for (const [group, data] of groups)
        if (isDead(data) && data.deadTime <= since) this.#dirty = groups.delete(group) || this.#dirty;
      if (groups.size === 0) this.#dirty = this.#filters.delete(topic) || this.#dirty;
    }
  }
}
