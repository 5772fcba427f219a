import { DeleteTopicInBroker, popRetryTopicV1, popRetryTopicV2, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * DELETE_TOPIC_IN_BROKER (215): the topic, its queues and every group's offsets on it; the records stay in the log until
 * they expire (AdminBrokerProcessor.deleteTopic). With `clearRetryTopicWhenDeleteTopic` the topic's POP retry topics go with
 * it. Deleting what doesn't exist succeeds.
 */
export function deleteTopicInBroker(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic } = DeleteTopicInBroker.request.decode(request);
    if (topic.trim() === '')
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, 'The specified topic is blank.');
    if (broker.config.validateSystemTopicWhenUpdateTopic && broker.topics.isSystemTopic(topic)) {
      throw new ResponseError(
        ResponseCode.INVALID_PARAMETER,
        `The topic[${topic}] is conflict with system topic.`,
      );
    }
    const topics = [topic, ...popRetryTopics(broker, topic)];
    for (const name of topics) {
      broker.topics.deleteTopic(name);
      broker.consumerOffsets.removeTopic(name);
      broker.pop.orders.removeTopic(name);
      broker.timerDelivery?.metrics.remove(name);
    }
    // A consume queue may be left from a topic whose configuration is gone already.
    broker.store.deleteTopics(topics);
    return success(request);
  };
}

/** Where messages of the topic wait that groups popped and did not acknowledge. */
function popRetryTopics(broker: BrokerContext, topic: string): string[] {
  if (!broker.config.clearRetryTopicWhenDeleteTopic) return [];
  return [...broker.consumerOffsets.groupsOf(topic)]
    .flatMap((group) => [popRetryTopicV1(topic, group), popRetryTopicV2(topic, group)])
    .filter((name) => broker.topics.select(name) !== undefined);
}
