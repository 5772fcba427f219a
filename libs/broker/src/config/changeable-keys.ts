import { configure } from '@nest-rocketmq/runtime';
import type { BrokerConfig } from './broker-config.ts';

/**
 * The keys that code 25 may change while the broker runs: those that are read whenever they matter, name no file and no
 * address, and can't be used to gain anything. Java refuses the keys of a list instead, which missed some (CVE-2023-33246).
 */
export const CHANGEABLE_KEYS: ReadonlySet<string> = new Set<keyof BrokerConfig>([
  'autoCreateTopicEnable',
  'autoCreateSubscriptionGroup',
  'brokerPermission',
  'disableConsumeIfConsumerReadSlowly',
  'consumerFallbehindThreshold',
  'enablePropertyFilter',
  'litePullMessageEnable',
  'longPollingEnable',
  'notifyConsumerIdsChangedEnable',
  'rejectPullConsumerEnable',
  'rejectTransactionMessage',
  'startAcceptSendRequestTimeStamp',
  'transactionCheckMax',
  'transactionTimeOut',
]);

/** The configuration with some keys changed. @throws RocketMQError `INVALID_CONFIG` naming the key that is wrong */
export function changedConfig(config: BrokerConfig, changes: ReadonlyMap<string, string>): BrokerConfig {
  return configure({
    defaults: config,
    ranges: {
      brokerPermission: [0, 15],
      transactionCheckMax: [1, 1_000_000],
      transactionTimeOut: [1, 2_147_483_647],
      startAcceptSendRequestTimeStamp: [0, Number.MAX_SAFE_INTEGER],
    },
    file: { path: 'the request', properties: changes },
  });
}
