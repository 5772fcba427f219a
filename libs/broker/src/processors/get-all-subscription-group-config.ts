import { GetAllSubscriptionGroupConfig, SubscriptionGroupWrapper } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201): the whole table and its version. */
export function getAllSubscriptionGroupConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const wrapper = broker.subscriptionGroups.wrapper();
    const fields = GetAllSubscriptionGroupConfig.response.encode({
      totalGroupNum: wrapper.subscriptionGroupTable.size,
    });
    return success(request, fields, SubscriptionGroupWrapper.encode(wrapper));
  };
}
