import { isTagType } from '@nest-rocketmq/filter';
import { CheckClientRequestBody, ResponseCode } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { propertyFilterOff } from '../pull/message-filter.ts';
import { success } from './answer.ts';

/**
 * CHECK_CLIENT_CONFIG (46): whether the broker can serve a subscription (ClientManageProcessor). By tags it always can;
 * by properties if that is switched on and the expression compiles.
 */
export function checkClientConfig(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { subscriptionData } = CheckClientRequestBody.decode(request.body);
    if (!subscriptionData || isTagType(subscriptionData.expressionType)) return success(request);
    const { expressionType, subString } = subscriptionData;
    if (!broker.config.enablePropertyFilter)
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, propertyFilterOff(expressionType));
    try {
      broker.sqlFilters.compile(subString, expressionType);
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      throw new ResponseError(ResponseCode.SUBSCRIPTION_PARSE_FAILED, error.message);
    }
    return success(request);
  };
}
