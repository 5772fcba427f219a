import { GetMinOffset } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_MIN_OFFSET (31): the offset of the oldest message of a queue. */
export function getMinOffset(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic, queueId } = GetMinOffset.request.decode(request);
    return success(
      request,
      GetMinOffset.response.encode({ offset: broker.store.getMinOffset(topic, queueId) }),
    );
  };
}
