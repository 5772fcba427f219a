import {
  MessageRequestModeSerializeWrapper,
  MixAll,
  ResponseCode,
  SetMessageRequestModeRequestBody,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from '../processors/answer.ts';

/**
 * SET_MESSAGE_REQUEST_MODE (401): has a group pull or pop a topic from its next rebalance on
 * (QueryAssignmentProcessor.setMessageRequestMode). Kept in `messageRequestMode.json`.
 */
export function setMessageRequestMode(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const mode = SetMessageRequestModeRequestBody.decode(request.body);
    const { topic, consumerGroup } = mode;
    if (topic.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX))
      throw new ResponseError(ResponseCode.NO_PERMISSION, 'retry topic is not allowed to set mode');
    if (!broker.topics.select(topic))
      throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist`);
    if (!broker.subscriptionGroups.find(consumerGroup))
      throw new ResponseError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, 'subscription group does not exist');
    if (mode.mode !== 'POP' && mode.mode !== 'PULL')
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, 'the mode is neither PULL nor POP');
    broker.pop.modes.set(mode);
    return success(request);
  };
}

/** GET_ALL_MESSAGE_REQUEST_MODE (402): all modes that were set, for slaves. */
export function getAllMessageRequestMode(broker: BrokerContext): RequestProcessor {
  return (request) =>
    success(request, undefined, MessageRequestModeSerializeWrapper.encode(broker.pop.modes.wrapper()));
}
