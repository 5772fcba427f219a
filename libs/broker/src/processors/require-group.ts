import { ResponseCode, type SubscriptionGroupConfig } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';

/**
 * The configuration of a consumer group, created where that is allowed.
 * @throws ResponseError SUBSCRIPTION_GROUP_NOT_EXIST (26)
 */
export function requireGroup(broker: BrokerContext, group: string): SubscriptionGroupConfig {
  const config = broker.subscriptionGroups.find(group);
  if (config) return config;
  throw new ResponseError(
    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    `subscription group not exist, ${group}`,
  );
}
