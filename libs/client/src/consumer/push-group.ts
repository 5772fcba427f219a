import type { SubscriptionData } from '@nest-rocketmq/protocol';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { MessageQueue } from '../message/message.ts';
import type { ConsumeSettings } from './consumer-options.ts';
import type { Gate } from './gate.ts';
import type { OffsetStore } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';

/** What the parts of one running push consumer share. */
export interface PushGroup {
  readonly group: string;
  readonly instance: ClientInstance;
  readonly settings: ConsumeSettings;
  readonly offsets: OffsetStore;
  /** By topic, the group's retry topic among them. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>;
  /** The queues that are ours, by their key. */
  readonly queues: Map<string, ProcessQueue>;
  /** Closed while the consumer is suspended. */
  readonly gate: Gate;
  /** The group's retry topic; undefined when broadcasting, which has none. */
  readonly retryTopic: string | undefined;
  /** When the consumer was started, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** `topic:broker:queue`, for logs. */
export function queueText(queue: MessageQueue): string {
  return `${queue.topic}:${queue.brokerName}:${queue.queueId}`;
}
