import { isTagType } from '@nest-rocketmq/filter';
import {
  CheckClientConfig,
  CheckClientRequestBody,
  ResponseCode,
  type SubscriptionData,
} from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';
import type { ClientInstance } from '../instance/client-instance.ts';

/**
 * Has the brokers check the subscriptions that are not by tags (`MQClientInstance.checkClientInBroker`), so that one they
 * can't serve is an error of the start and not of every pull. A topic without route and a broker that doesn't answer are
 * passed over.
 * @throws BrokerError with response code 23 when a broker can't parse an expression, 1 when it doesn't filter by them
 */
export async function checkSubscriptions(
  instance: ClientInstance,
  group: string,
  subscriptions: Iterable<SubscriptionData>,
): Promise<void> {
  for (const subscriptionData of subscriptions) {
    if (isTagType(subscriptionData.expressionType)) continue;
    const addresses = instance.routes.get(subscriptionData.topic)?.brokerAddresses() ?? [];
    await Promise.all(addresses.map((address) => check(instance, group, subscriptionData, address)));
  }
}

async function check(
  instance: ClientInstance,
  group: string,
  subscriptionData: SubscriptionData,
  address: string,
): Promise<void> {
  const body = CheckClientRequestBody.encode({ clientId: instance.clientId, group, subscriptionData });
  try {
    await instance.call(address, CheckClientConfig, {}, { body });
  } catch (error) {
    const { topic, expressionType } = subscriptionData;
    const what = `CheckClientConfig of the ${expressionType} subscription of group ${group} to topic ${topic}`;
    if (!(error instanceof BrokerError)) {
      instance.settings.logger.warn(
        `${what} had no answer from ${address}: the subscription is unchecked`,
        error,
      );
      return;
    }
    const code = error.responseCode ?? ResponseCode.SYSTEM_ERROR;
    const needs = code === ResponseCode.SYSTEM_ERROR ? ' (it needs enablePropertyFilter=true)' : '';
    throw new BrokerError(what + needs, code, error.remark, address);
  }
}
