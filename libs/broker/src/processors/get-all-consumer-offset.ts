import { ConsumerOffsetSerializeWrapper } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_ALL_CONSUMER_OFFSET (43): every committed offset. */
export function getAllConsumerOffset(broker: BrokerContext): RequestProcessor {
  return (request) =>
    success(request, undefined, ConsumerOffsetSerializeWrapper.encode(broker.consumerOffsets.wrapper()));
}
