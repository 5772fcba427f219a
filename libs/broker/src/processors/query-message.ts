import { QueryMessage, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** QUERY_MESSAGE (12): messages of a topic by key, or by unique id (QueryMessageProcessor). */
export function queryMessage(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic, key, maxNum, beginTimestamp, endTimestamp, uniqueKeyQuery } =
      QueryMessage.request.decode(request);
    const wanted = uniqueKeyQuery === true ? broker.config.defaultQueryMaxNum : Math.max(0, maxNum);
    const found = broker.store.queryByKey(topic, key, wanted, beginTimestamp, endTimestamp);
    const fields = QueryMessage.response.encode({
      indexLastUpdateTimestamp: found.lastUpdateTimestamp,
      indexLastUpdatePhyoffset: found.lastUpdatePhysicalOffset,
    });
    if (found.records.length === 0) {
      throw new ResponseError(
        ResponseCode.QUERY_NOT_FOUND,
        'can not find message, maybe time range not correct',
      );
    }
    return success(request, fields, Buffer.concat(found.records));
  };
}
