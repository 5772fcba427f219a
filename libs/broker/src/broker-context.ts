import type { Clock, Logger } from '@nest-rocketmq/runtime';
import type { Tick } from '@nest-rocketmq/remoting';
import type { MessageStore } from '@nest-rocketmq/store';
import type { AccessControl } from './acl/access-control.ts';
import type { ConsumerManager } from './client/consumer-manager.ts';
import type { ProducerManager } from './client/producer-manager.ts';
import type { QueueLocks } from './client/queue-locks.ts';
import type { BrokerConfig } from './config/broker-config.ts';
import type { ConsumerOffsetManager } from './offset/consumer-offset-manager.ts';
import type { Pop } from './pop/pop.ts';
import type { ConsumerFilters } from './filter/consumer-filters.ts';
import type { BacklogPulls } from './pull/backlog-pulls.ts';
import type { HeldPulls } from './pull/held-pulls.ts';
import type { SqlFilters } from './pull/sql-filters.ts';
import type { DelayDetour } from './schedule/delay-detour.ts';
import type { DelayedDelivery } from './schedule/delayed-delivery.ts';
import type { Acknowledgements } from './send/acknowledgements.ts';
import type { FastFailure } from './send/fast-failure.ts';
import type { BrokerStats } from './stats/broker-stats.ts';
import type { SubscriptionGroupManager } from './subscription/subscription-group-manager.ts';
import type { TimerDelivery } from './timer/timer-delivery.ts';
import type { TopicConfigManager } from './topic/topic-config-manager.ts';
import type { Transactions } from './transaction/transactions.ts';

/** The parts of a running broker, as its processors use them. */
export interface BrokerContext {
  /** As it is now: {@link changeConfig} changes it in place. */
  readonly config: BrokerConfig;
  /**
   * Changes keys while running, and keeps them in the file of `-c`.
   * @throws RocketMQError `INVALID_CONFIG` naming the key whose value is wrong; nothing is changed then
   */
  changeConfig(changes: ReadonlyMap<string, string>): void;
  /** Resolves when the NameServers know the topics there are; when one doesn't answer, after a moment. Never rejects. */
  topicsKnown(): Promise<void>;
  /** Undefined without `aclEnable`. */
  readonly accessControl: AccessControl | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tick: Tick;
  readonly store: MessageStore;
  readonly topics: TopicConfigManager;
  readonly subscriptionGroups: SubscriptionGroupManager;
  readonly consumerOffsets: ConsumerOffsetManager;
  readonly producers: ProducerManager;
  readonly consumers: ConsumerManager;
  readonly consumerFilters: ConsumerFilters;
  readonly queueLocks: QueueLocks;
  readonly acknowledgements: Acknowledgements;
  readonly fastFailure: FastFailure;
  readonly backlogPulls: BacklogPulls;
  readonly heldPulls: HeldPulls;
  readonly sqlFilters: SqlFilters;
  readonly pop: Pop;
  readonly delayDetour: DelayDetour;
  readonly delayedDelivery: DelayedDelivery;
  /** Undefined without `timerWheelEnable`. */
  readonly timerDelivery: TimerDelivery | undefined;
  readonly transactions: Transactions;
  readonly stats: BrokerStats;
  /** `ip:port` as clients are told. */
  readonly address: string;
  /** The same, as records carry it. */
  readonly storeHost: Buffer;
  /** Milliseconds: when the broker started. */
  readonly bootTimestamp: number;
  /** The broker is going down: nothing new is stored. */
  readonly stopping: boolean;
}
