import {
  PopMessage,
  ResponseCode,
  type PopMessageRequestHeader,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { matchesTag } from '@nest-rocketmq/filter';
import { brokerError, requestOf } from '../../instance/call.ts';
import type { ClientInstance } from '../../instance/client-instance.ts';
import { poppedMessages, type PoppedMessage } from './popped-message.ts';

/** One pop as it goes to a broker. */
export interface PopExchange {
  address: string;
  header: PopMessageRequestHeader;
  brokerName: string;
  /** Tags are compared here once more: brokers compare their hash codes only. */
  subscription: SubscriptionData;
  timeoutMs: number;
  signal: AbortSignal;
}

/** What a pop brought. */
export interface PopOutcome {
  /** FULL: too many wait at the broker already. */
  readonly status: 'FOUND' | 'NOTHING' | 'FULL';
  readonly messages: PoppedMessage[];
  /** Messages with other tags of the same hash: nobody consumes them. */
  readonly mismatched: PoppedMessage[];
}

const NOTHING: PopOutcome = { status: 'NOTHING', messages: [], mismatched: [] };

/**
 * Sends one pop and reads its answer (`PullAPIWrapper.popAsync`).
 * @throws BrokerError for answers that are none of a pop's own, RocketMQError when the broker can't be reached
 */
export async function popOnce(instance: ClientInstance, exchange: PopExchange): Promise<PopOutcome> {
  const { address, header, brokerName, subscription, timeoutMs, signal } = exchange;
  const response = await instance.remoting.invoke(address, requestOf(PopMessage, header), timeoutMs, signal);
  switch (response.code) {
    case ResponseCode.SUCCESS:
      break;
    case ResponseCode.POLLING_TIMEOUT:
    case ResponseCode.PULL_NOT_FOUND:
      return NOTHING;
    case ResponseCode.POLLING_FULL:
      return { ...NOTHING, status: 'FULL' };
    default:
      throw brokerError(PopMessage, response, address);
  }
  const reply = PopMessage.response.decode(response);
  const popped = poppedMessages(response.body, reply, {
    brokerName,
    group: header.consumerGroup,
    namespace: instance.settings.namespace,
    now: instance.settings.clock.now(),
  });
  const checkTags = subscription.expressionType === 'TAG' && subscription.tagsSet.length > 0;
  if (!checkTags) return { status: 'FOUND', messages: popped, mismatched: [] };
  const matches = ({ message }: PoppedMessage): boolean => matchesTag(subscription, message.tags);
  return {
    status: 'FOUND',
    messages: popped.filter(matches),
    mismatched: popped.filter((each) => !matches(each)),
  };
}
