import { ConsumeStats, GetConsumeStats, type OffsetWrapper, type QueueEntry } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * GET_CONSUME_STATS (208): how far a group has consumed the queues of the topics asked for, or of all it subscribes to or
 * has offsets on.
 */
export function getConsumeStats(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup, topic, topicList } = GetConsumeStats.request.decode(request);
    const offsetTable: QueueEntry<OffsetWrapper>[] = [];
    let consumeTps = 0;
    for (const name of topicsAsked(broker, consumerGroup, topic, topicList)) {
      const config = broker.topics.select(name);
      if (!config) continue;
      for (let queueId = 0; queueId < config.readQueueNums; queueId++) {
        const queue = { topic: name, brokerName: broker.config.brokerName, queueId };
        offsetTable.push({ queue, value: progress(broker, consumerGroup, name, queueId) });
      }
      consumeTps += broker.stats.groupGetTps(name, consumerGroup);
    }
    return success(request, undefined, ConsumeStats.encode({ offsetTable, consumeTps }));
  };
}

function topicsAsked(
  broker: BrokerContext,
  group: string,
  topic?: string,
  topicList?: string,
): Iterable<string> {
  if (topicList !== undefined && topicList !== '') return new Set(topicList.split(';'));
  if (topic !== undefined && topic !== '') return [topic];
  const subscribed = broker.consumers.group(group)?.subscriptions.keys() ?? [];
  return new Set([...broker.consumerOffsets.topicsOf(group), ...subscribed]);
}

function progress(broker: BrokerContext, group: string, topic: string, queueId: number): OffsetWrapper {
  const { consumerOffsets, store } = broker;
  const consumerOffset = Math.max(0, consumerOffsets.query(group, topic, queueId));
  return {
    brokerOffset: Math.max(0, store.getMaxOffset(topic, queueId)),
    consumerOffset,
    pullOffset: Math.max(consumerOffset, consumerOffsets.queryPull(group, topic, queueId)),
    lastTimestamp:
      consumerOffset > 0 ? Math.max(0, store.getStoreTime(topic, queueId, consumerOffset - 1)) : 0,
  };
}
