import { GetMaxOffset } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_MAX_OFFSET (30): the offset the next message of a queue gets; 0 for a queue that doesn't exist. */
export function getMaxOffset(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic, queueId } = GetMaxOffset.request.decode(request);
    return success(
      request,
      GetMaxOffset.response.encode({ offset: broker.store.getMaxOffset(topic, queueId) }),
    );
  };
}
