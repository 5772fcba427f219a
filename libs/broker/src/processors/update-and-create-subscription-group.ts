import { ResponseCode, SubscriptionGroupConfig, validateGroup } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200): creates or replaces a consumer group. */
export function updateAndCreateSubscriptionGroup(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const config = SubscriptionGroupConfig.decode(request.body);
    const problem = validateGroup(config.groupName);
    if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem);
    broker.subscriptionGroups.update(config);
    return success(request);
  };
}
