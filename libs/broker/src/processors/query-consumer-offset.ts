import { QueryConsumerOffset, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/**
 * QUERY_CONSUMER_OFFSET (14): how far a group has consumed a queue. A group that is new to a young queue, whose first
 * message is still there and in memory, is given 0, whatever it was told about where to begin (ConsumerManageProcessor).
 */
export function queryConsumerOffset(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup, topic, queueId, setZeroIfNotFound } = QueryConsumerOffset.request.decode(request);
    const { consumerOffsets, store } = broker;
    let offset = consumerOffsets.query(consumerGroup, topic, queueId);
    if (offset < 0) {
      if (setZeroIfNotFound === false) {
        throw new ResponseError(
          ResponseCode.QUERY_NOT_FOUND,
          'Not found, do not set to zero, maybe this group boot first',
        );
      }
      if (store.getMinOffset(topic, queueId) > 0 || !store.isInMemory(topic, queueId, 0)) {
        throw new ResponseError(
          ResponseCode.QUERY_NOT_FOUND,
          'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first',
        );
      }
      offset = 0;
    }
    return success(request, QueryConsumerOffset.response.encode({ offset }));
  };
}
