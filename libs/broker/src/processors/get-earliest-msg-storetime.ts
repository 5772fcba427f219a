import { GetEarliestMsgStoretime } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_EARLIEST_MSG_STORETIME (32): when the oldest message of a queue was stored; -1 when there is none. */
export function getEarliestMsgStoretime(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic, queueId } = GetEarliestMsgStoretime.request.decode(request);
    const timestamp = broker.store.getEarliestStoreTime(topic, queueId);
    return success(request, GetEarliestMsgStoretime.response.encode({ timestamp }));
  };
}
