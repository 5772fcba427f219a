import { GetSubscriptionGroupConfig, SubscriptionGroupConfig } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';
import { requireGroup } from './require-group.ts';

/** GET_SUBSCRIPTIONGROUP_CONFIG (352): one consumer group, created when the broker may do that. */
export function getSubscriptionGroupConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { group } = GetSubscriptionGroupConfig.request.decode(request);
    return success(request, undefined, SubscriptionGroupConfig.encode(requireGroup(broker, group)));
  };
}
