import { UnregisterClient } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** UNREGISTER_CLIENT (35): takes a producer or consumer group of a client back (ClientManageProcessor). */
export function unregisterClient(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const { producerGroup, consumerGroup } = UnregisterClient.request.decode(request);
    if (producerGroup !== undefined) broker.producers.unregister(producerGroup, connection);
    if (consumerGroup !== undefined) {
      const notify = broker.subscriptionGroups.select(consumerGroup)?.notifyConsumerIdsChangedEnable ?? true;
      broker.consumers.unregister(consumerGroup, connection, notify);
    }
    return success(request);
  };
}
