import type { SubscriptionData } from '@nest-rocketmq/protocol';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';
import type { ConsumeFromWhere } from './consumer-types.ts';
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts';
import type { Gate } from './gate.ts';
import type { OffsetStore } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';

/** The settings that sharing queues and pulling them go by, whatever becomes of the messages. */
export interface ConsumerGroupSettings {
  consumeFromWhere: ConsumeFromWhere;
  consumeTimestamp: number | string | undefined;
  allocateStrategy: AllocateMessageQueueStrategy;
  pullBatchSize: number;
  pullBatchSizeInBytes: number;
  pullInterval: number;
  postSubscriptionWhenPull: boolean;
}

/** What the parts of one running consumer share, be it a push or a pull consumer. */
export interface ConsumerGroup {
  readonly group: string;
  readonly instance: ClientInstance;
  readonly settings: ConsumerGroupSettings;
  readonly offsets: OffsetStore;
  /** By topic, the group's retry topic among them where there is one. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>;
  /** The queues that are ours, by their key. */
  readonly queues: Map<string, ProcessQueue>;
  /** Whether the members share the queues and keep their offsets at the brokers; else each has all. */
  readonly clustering: boolean;
  /** The group's retry topic, where messages that were not consumed come again; undefined when there is none. */
  readonly retryTopic: string | undefined;
  /** When the consumer was started, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Pulls as a pull consumer: as long as those hold, with the subscription, without offsets to commit. */
  readonly litePull: boolean;
  /** Closed while a queue is not to be pulled. */
  gateOf(queue: ProcessQueue): Gate;
  /** Whether the queue is pulled now: not while too much of it waits here. */
  mayPull(queue: ProcessQueue): boolean;
}

/** `topic:broker:queue`, for logs. */
export function queueText(queue: MessageQueue): string {
  return `${queue.topic}:${queue.brokerName}:${queue.queueId}`;
}
