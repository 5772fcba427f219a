import { DeleteSubscriptionGroup } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** DELETE_SUBSCRIPTIONGROUP (207): a consumer group, and on demand its offsets (`cleanOffset`; 4.x: `removeOffset`). */
export function deleteSubscriptionGroup(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { groupName, cleanOffset } = DeleteSubscriptionGroup.request.decode(request);
    broker.subscriptionGroups.delete(groupName);
    if (cleanOffset || request.get('removeOffset') === 'true') broker.consumerOffsets.removeGroup(groupName);
    return success(request);
  };
}
