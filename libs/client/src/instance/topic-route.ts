import {
  isReadable,
  isWriteable,
  MixAll,
  type MessageQueue,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import { compareText } from '../message/message-queue.ts';

/** What a client makes of a topic's route: the queues it can send to and those it can read. Immutable. */
export class TopicRoute {
  readonly topic: string;
  readonly data: TopicRouteData;
  /** Writable queues of brokers that have a master, by broker name. */
  readonly publishQueues: readonly MessageQueue[];
  /** Readable queues; a slave is enough. */
  readonly subscribeQueues: readonly MessageQueue[];
  /** Whether the order of the queues was configured at the NameServer. */
  readonly ordered: boolean;
  /** Whether the topic doesn't exist yet: the route is that of the topic it will be created from. */
  readonly provisional: boolean;

  constructor(topic: string, data: TopicRouteData, provisional = false) {
    this.topic = topic;
    this.data = data;
    this.provisional = provisional;
    this.ordered = (data.orderTopicConf ?? '') !== '';
    this.publishQueues = this.ordered
      ? orderedQueues(topic, data.orderTopicConf ?? '')
      : publishQueues(topic, data);
    this.subscribeQueues = subscribeQueues(topic, data);
  }

  /** Whether another route says the same, so that nothing has to be done about it. */
  equals(other: TopicRoute | undefined): boolean {
    return (
      other !== undefined &&
      this.provisional === other.provisional &&
      fingerprint(this) === fingerprint(other)
    );
  }

  /** The addresses of the brokers that serve the topic: one for each, its master where there is one. */
  brokerAddresses(): string[] {
    return this.data.brokerDatas.flatMap(({ brokerAddrs }) => {
      const address = brokerAddrs.get(MixAll.MASTER_ID) ?? brokerAddrs.values().next().value;
      return address === undefined ? [] : [address];
    });
  }
}

/**
 * The route a topic will have when a first message creates it: that of `TBW102`, with as many queues as asked for
 * where it has more (`MQClientInstance.updateTopicRouteInfoFromNameServer`).
 */
export function provisionalRoute(topic: string, template: TopicRouteData, queueNums: number): TopicRoute {
  const queueDatas = template.queueDatas.map((queueData) => {
    const nums = Math.min(queueNums, queueData.readQueueNums);
    return { ...queueData, readQueueNums: nums, writeQueueNums: nums };
  });
  return new TopicRoute(topic, { ...template, queueDatas }, true);
}

function orderedQueues(topic: string, configuration: string): MessageQueue[] {
  return configuration.split(';').flatMap((item) => {
    const [brokerName = '', nums = ''] = item.split(':');
    return brokerName === '' ? [] : queuesOf(topic, brokerName, Number.parseInt(nums, 10) || 0);
  });
}

function publishQueues(topic: string, data: TopicRouteData): MessageQueue[] {
  const masters = new Set(
    data.brokerDatas
      .filter((broker) => broker.brokerAddrs.has(MixAll.MASTER_ID))
      .map((broker) => broker.brokerName),
  );
  return [...data.queueDatas]
    .sort((a, b) => compareText(a.brokerName, b.brokerName))
    .filter((queueData) => isWriteable(queueData.perm) && masters.has(queueData.brokerName))
    .flatMap((queueData) => queuesOf(topic, queueData.brokerName, queueData.writeQueueNums));
}

function subscribeQueues(topic: string, data: TopicRouteData): MessageQueue[] {
  return data.queueDatas
    .filter((queueData) => isReadable(queueData.perm))
    .flatMap((queueData) => queuesOf(topic, queueData.brokerName, queueData.readQueueNums));
}

function queuesOf(topic: string, brokerName: string, nums: number): MessageQueue[] {
  return Array.from({ length: Math.max(0, nums) }, (_, queueId) => ({ topic, brokerName, queueId }));
}

function fingerprint({ data }: TopicRoute): string {
  const queues = data.queueDatas
    .map((q) => [q.brokerName, q.readQueueNums, q.writeQueueNums, q.perm, q.topicSysFlag].join())
    .sort(compareText);
  const brokers = data.brokerDatas
    .map((b) => [b.brokerName, ...[...b.brokerAddrs].sort((x, y) => x[0] - y[0]).flat()].join())
    .sort(compareText);
  return [data.orderTopicConf ?? '', ...queues, '|', ...brokers].join('\n');
}
