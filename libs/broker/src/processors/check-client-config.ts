import { isTagType } from '@nest-rocketmq/filter';
import { CheckClientRequestBody, ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { success } from './answer.ts';

/** CHECK_CLIENT_CONFIG (46): whether the broker can serve a subscription; by tags it always can. */
export function checkClientConfig(): RequestProcessor {
  return (request) => {
    const { subscriptionData } = CheckClientRequestBody.decode(request.body);
    if (subscriptionData && !isTagType(subscriptionData.expressionType)) {
      throw new ResponseError(
        ResponseCode.SYSTEM_ERROR,
        `The broker does not support consumer to filter message by ${subscriptionData.expressionType}`,
      );
    }
    return success(request);
  };
}
