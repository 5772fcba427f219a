import {
  GetConsumerListByGroup,
  GetConsumerListByGroupResponseBody,
  ResponseCode,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group, which its members share the queues among. */
export function getConsumerListByGroup(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup } = GetConsumerListByGroup.request.decode(request);
    const consumerIdList = broker.consumers.group(consumerGroup)?.clientIds() ?? [];
    if (consumerIdList.length === 0) {
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, `no consumer for this group, ${consumerGroup}`);
    }
    return success(request, undefined, GetConsumerListByGroupResponseBody.encode({ consumerIdList }));
  };
}
