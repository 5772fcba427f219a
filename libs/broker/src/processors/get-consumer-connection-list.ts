import { ConsumerConnection, GetConsumerConnectionList, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { clientConnections } from './client-connections.ts';

/** GET_CONSUMER_CONNECTION_LIST (203): who of a group is connected, and what they subscribed. */
export function getConsumerConnectionList(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { consumerGroup } = GetConsumerConnectionList.request.decode(request);
    const group = broker.consumers.group(consumerGroup);
    if (!group) {
      throw new ResponseError(
        ResponseCode.CONSUMER_NOT_ONLINE,
        `the consumer group[${consumerGroup}] not online`,
      );
    }
    const body = ConsumerConnection.encode({
      connectionSet: clientConnections(group.channels.values()),
      subscriptionTable: new Map(group.subscriptions),
      ...group.behaviour,
    });
    return success(request, undefined, body);
  };
}
