import { PollingInfo } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';
import { admitPop } from './pop-admission.ts';

/** POLLING_INFO (200055): how many pops of a group wait at a queue (PollingInfoProcessor). */
export function pollingInfo(broker: BrokerContext): RequestProcessor {
  return (request, connection) => {
    const header = PollingInfo.request.decode(request);
    admitPop(broker, header, connection.remoteAddress);
    const pollingNum = broker.pop.held.count(header.topic, header.consumerGroup, header.queueId);
    return success(request, PollingInfo.response.encode({ pollingNum }));
  };
}
