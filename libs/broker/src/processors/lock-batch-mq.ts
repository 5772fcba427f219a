import { LockBatchRequestBody, LockBatchResponseBody, type TopicConfig } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { requireGroup } from './require-group.ts';
import { success } from './answer.ts';

/**
 * LOCK_BATCH_MQ (41): gives queues to one client of a group, to consume them in order. Queues that this broker doesn't have
 * are passed over: nobody can consume them here, and the table of locks shall not grow by what peers make up.
 */
export function lockBatchMq(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { clientId, consumerGroup, mqSet } = LockBatchRequestBody.decode(request.body);
    requireGroup(broker, consumerGroup);
    const known = mqSet.filter(({ topic, brokerName, queueId }) => {
      const config = broker.topics.select(topic);
      return config && brokerName === broker.config.brokerName && queueId >= 0 && queueId < queuesOf(config);
    });
    const lockOKMQSet = broker.queueLocks.lock(consumerGroup, known, clientId);
    return success(request, undefined, LockBatchResponseBody.encode({ lockOKMQSet }));
  };
}

/** A topic that is being made smaller may have queues that are read and not written any more. */
function queuesOf({ readQueueNums, writeQueueNums }: TopicConfig): number {
  return Math.max(readQueueNums, writeQueueNums);
}
