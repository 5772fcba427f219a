import { dirname, join } from 'node:path';
import type { BrokerConfig } from '../config/broker-config.ts';

/** Where the access files are: `conf` of `rocketmqHome` as in Java, else beside the broker's own configuration file. */
export function aclDirectory({
  rocketmqHome,
  brokerConfigPath,
}: Pick<BrokerConfig, 'rocketmqHome' | 'brokerConfigPath'>): string {
  if (rocketmqHome !== '') return join(rocketmqHome, 'conf');
  return brokerConfigPath === '' ? 'conf' : dirname(brokerConfigPath);
}
