import { ResponseCode, UpdateConsumerOffset } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * UPDATE_CONSUMER_OFFSET (15): how far a group has consumed a queue (ConsumerManageProcessor). While an offset that an
 * operator reset waits for the client, what the client says is passed over.
 */
export function updateConsumerOffset(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const { consumerGroup, topic, queueId, commitOffset } = UpdateConsumerOffset.request.decode(request);
    if (!broker.subscriptionGroups.find(consumerGroup)) {
      throw new ResponseError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${consumerGroup} not exist!`);
    }
    const config = broker.topics.select(topic);
    if (!config) throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `Topic ${topic} not exist!`);
    if (queueId < 0 || queueId >= Math.max(config.readQueueNums, config.writeQueueNums) || commitOffset < 0) {
      const what = `queueId ${queueId} or offset ${commitOffset} of topic ${topic} is out of range`;
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, what);
    }
    if (
      !broker.config.useServerSideResetOffset ||
      !broker.consumerOffsets.hasReset(consumerGroup, topic, queueId)
    ) {
      broker.consumerOffsets.commit(connection.remoteAddress, consumerGroup, topic, queueId, commitOffset);
    }
    return success(request);
  };
}
