import { UnlockBatchRequestBody } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** UNLOCK_BATCH_MQ (42): gives locked queues back. */
export function unlockBatchMq(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { clientId, consumerGroup, mqSet } = UnlockBatchRequestBody.decode(request.body);
    broker.queueLocks.unlock(consumerGroup, mqSet, clientId);
    return success(request);
  };
}
