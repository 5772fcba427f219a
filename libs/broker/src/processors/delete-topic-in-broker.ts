import { DeleteTopicInBroker, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * DELETE_TOPIC_IN_BROKER (215): the topic, its queues and every group's offsets on it; the records stay in the log until
 * they expire (AdminBrokerProcessor.deleteTopic). Deleting what doesn't exist succeeds.
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
    broker.topics.deleteTopic(topic);
    broker.consumerOffsets.removeTopic(topic);
    // A consume queue may be left from a topic whose configuration is gone already.
    broker.store.deleteTopics([topic]);
    return success(request);
  };
}
