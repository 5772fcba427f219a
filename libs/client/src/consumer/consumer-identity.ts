import { buildSubscription } from '@nest-rocketmq/filter';
import type { SubscriptionData } from '@nest-rocketmq/protocol';
import { DEFAULT_INSTANCE_NAME } from '../instance/client-identity.ts';
import { clientSettings, type ClientOptions, type ClientSettings } from '../instance/client-options.ts';
import { MessageModel } from './consumer-types.ts';
import { selectorOf, type MessageSelector } from './message-selector.ts';

/**
 * The client settings of a consumer. The offsets of a broadcasting one are kept under its client id, so that has to be
 * the same the next time.
 * @throws RocketMQError `INVALID_CONFIG` naming the option that is wrong
 */
export function consumerClientSettings(options: ClientOptions, messageModel: MessageModel): ClientSettings {
  const client = clientSettings(options);
  if (messageModel !== MessageModel.BROADCASTING) return client;
  return { ...client, instanceName: client.instanceName ?? DEFAULT_INSTANCE_NAME };
}

/**
 * A subscription to the topic that brokers know as `stored`; a later one has a higher version.
 * @throws RocketMQError `INVALID_ARGUMENT` when the tags are not legal
 */
export function subscriptionTo(
  stored: string,
  selector: string | MessageSelector,
  { clock }: Pick<ClientSettings, 'clock'>,
): SubscriptionData {
  const { type, expression } = selectorOf(selector);
  return { ...buildSubscription(stored, expression, type), subVersion: clock.now() };
}
