import { LockBatchRequestBody, LockBatchResponseBody } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { requireGroup } from './require-group.ts';
import { success } from './answer.ts';

/** LOCK_BATCH_MQ (41): gives queues to one client of a group, to consume them in order. */
export function lockBatchMq(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { clientId, consumerGroup, mqSet } = LockBatchRequestBody.decode(request.body);
    requireGroup(broker, consumerGroup);
    const known = mqSet.filter(({ topic }) => broker.topics.select(topic) !== undefined);
    const lockOKMQSet = broker.queueLocks.lock(consumerGroup, known, clientId);
    return success(request, undefined, LockBatchResponseBody.encode({ lockOKMQSet }));
  };
}
