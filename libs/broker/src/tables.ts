import { join } from 'node:path';
import type { Clock, Logger } from '@nest-rocketmq/runtime';
import type { Tick } from '@nest-rocketmq/remoting';
import { JsonConfigFile, TimerStore, type FileSystem, type MessageStore } from '@nest-rocketmq/store';
import type { BrokerConfig } from './config/broker-config.ts';
import type { ConfigFile } from './config/config-file.ts';
import { ConsumerOffsetManager } from './offset/consumer-offset-manager.ts';
import { ConsumerFilters } from './filter/consumer-filters.ts';
import { DelayDetour } from './schedule/delay-detour.ts';
import { DelayedDelivery } from './schedule/delayed-delivery.ts';
import { DelayLevels } from './schedule/delay-levels.ts';
import { ConsumerOrderInfo } from './pop/consumer-order-info.ts';
import { MessageRequestModes } from './pop/message-request-modes.ts';
import { SqlFilters } from './pull/sql-filters.ts';
import { RetryingConfigFile } from './retrying-config-file.ts';
import { SubscriptionGroupManager } from './subscription/subscription-group-manager.ts';
import { TimerDelivery } from './timer/timer-delivery.ts';
import { TimerMetrics } from './timer/timer-metrics.ts';
import { TopicConfigManager } from './topic/topic-config-manager.ts';

/** What the tables stand on. */
export interface TableParts {
  readonly store: MessageStore;
  readonly tick: Tick;
  readonly clock: Clock;
  /** The time at which delayed messages are delivered: the store's. */
  readonly storeClock: Clock;
  readonly logger: Logger;
  readonly fileSystem: FileSystem;
}

/** What a broker remembers beside its messages: the files under `store/config`. */
export class Tables {
  readonly topics: TopicConfigManager;
  readonly subscriptionGroups: SubscriptionGroupManager;
  readonly consumerOffsets: ConsumerOffsetManager;
  readonly delayDetour: DelayDetour;
  readonly delayedDelivery: DelayedDelivery;
  /** Undefined without `timerWheelEnable`. */
  readonly timers: TimerStore | undefined;
  readonly timerDelivery: TimerDelivery | undefined;
  readonly consumerOrderInfo: ConsumerOrderInfo;
  readonly messageRequestModes: MessageRequestModes;
  readonly sqlFilters = new SqlFilters();
  readonly consumerFilters: ConsumerFilters;
  readonly #files: RetryingConfigFile[] = [];

  constructor(config: BrokerConfig, parts: TableParts) {
    const file = (name: string): RetryingConfigFile => {
      const path = join(config.storePathRootDir, 'config', name);
      const retrying = new RetryingConfigFile(path, new JsonConfigFile(path, parts.fileSystem), parts);
      this.#files.push(retrying);
      return retrying;
    };
    this.topics = new TopicConfigManager(config, file('topics.json'), parts);
    this.subscriptionGroups = new SubscriptionGroupManager(config, file('subscriptionGroup.json'), parts);
    this.consumerOffsets = new ConsumerOffsetManager(
      config,
      afterLog(file('consumerOffset.json'), parts.store),
      parts,
    );
    this.consumerOrderInfo = new ConsumerOrderInfo(
      file('consumerOrderInfo.json'),
      parts.storeClock,
      config.flushConsumerOffsetInterval,
    );
    this.messageRequestModes = new MessageRequestModes(file('messageRequestMode.json'));
    this.consumerFilters = new ConsumerFilters(config, file('consumerFilter.json'), {
      clock: parts.clock,
      compiles: (expression, type) => this.sqlFilters.compiles(expression, type),
    });
    const levels = new DelayLevels(config.messageDelayLevel);
    this.delayedDelivery = new DelayedDelivery(
      { ...parts, clock: parts.storeClock, levels, file: file('delayOffset.json') },
      config,
    );
    if (config.timerWheelEnable) {
      const clock = parts.storeClock;
      const metrics = new TimerMetrics(file('timermetrics'), clock.now());
      this.timers = new TimerStore(config, parts.fileSystem);
      this.timerDelivery = new TimerDelivery({ ...parts, clock, timers: this.timers, metrics }, config);
    }
    const congestion = (outTime: number): number => this.timers?.num(outTime) ?? 0;
    this.delayDetour = new DelayDetour(config, parts.storeClock, congestion);
    this.topics.onChange(() => parts.tick.schedule());
  }

  /**
   * Reads the files. The store must be loaded.
   * @throws RocketMQError when a file and its backup can't be read
   */
  load(): void {
    this.topics.load();
    this.subscriptionGroups.load();
    this.consumerOffsets.load();
    this.consumerOrderInfo.load();
    this.messageRequestModes.load();
    this.consumerFilters.load();
    this.delayedDelivery.load();
    this.timerDelivery?.load();
  }

  /** Starts what works by the clock. */
  start(): void {
    this.consumerOffsets.start();
    this.consumerOrderInfo.start();
    this.consumerFilters.start();
    this.delayedDelivery.start();
    this.timerDelivery?.start();
  }

  /** Writes topics and groups that changed in this tick, before the answers that tell of them leave. */
  commit(): void {
    this.topics.flush();
    this.subscriptionGroups.flush();
  }

  /** Stops what works by the clock, and writes everything. */
  shutdown(): void {
    this.delayedDelivery.shutdown();
    this.consumerOffsets.shutdown();
    this.consumerOrderInfo.shutdown();
    this.consumerFilters.shutdown();
    this.commit();
    for (const file of this.#files) file.close();
  }
}

/** A popped message is in the log's check point, or behind the offset in the file: never neither. */
function afterLog(file: ConfigFile, store: MessageStore): ConfigFile {
  return {
    load: () => file.load(),
    persist(value) {
      store.commit();
      file.persist(value);
    },
  };
}
