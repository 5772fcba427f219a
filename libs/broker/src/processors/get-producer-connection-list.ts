import { GetProducerConnectionList, ProducerConnection, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { clientConnections } from './client-connections.ts';

/** GET_PRODUCER_CONNECTION_LIST (204): the clients of a producer group. */
export function getProducerConnectionList(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { producerGroup } = GetProducerConnectionList.request.decode(request);
    const channels = broker.producers.channels(producerGroup);
    if (!channels) {
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, `the producer group[${producerGroup}] not exist`);
    }
    return success(
      request,
      undefined,
      ProducerConnection.encode({ connectionSet: clientConnections(channels) }),
    );
  };
}
