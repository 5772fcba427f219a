import { GetTopicStatsInfo, TopicStatsTable } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { requireTopic } from './require-topic.ts';

/** GET_TOPIC_STATS_INFO (202): how far the queues of a topic reach, and when they last grew. */
export function getTopicStatsInfo(broker: BrokerContext): RequestProcessor {
  const { store, config } = broker;
  return (request) => {
    const { topic } = GetTopicStatsInfo.request.decode(request);
    const { readQueueNums, writeQueueNums } = requireTopic(broker, topic);
    const offsetTable = Array.from({ length: Math.max(readQueueNums, writeQueueNums) }, (_, queueId) => {
      const maxOffset = Math.max(0, store.getMaxOffset(topic, queueId));
      const lastUpdateTimestamp =
        maxOffset > 0 ? Math.max(0, store.getStoreTime(topic, queueId, maxOffset - 1)) : 0;
      return {
        queue: { topic, brokerName: config.brokerName, queueId },
        value: { minOffset: Math.max(0, store.getMinOffset(topic, queueId)), maxOffset, lastUpdateTimestamp },
      };
    });
    return success(
      request,
      undefined,
      TopicStatsTable.encode({ offsetTable, topicPutTps: broker.stats.topicPutTps(topic) }),
    );
  };
}
