import { readConfigFile } from '@nest-rocketmq/runtime';
import { parseProperties } from '@nest-rocketmq/protocol';
import type { BrokerConfigSources } from './config/broker-config.ts';

/**
 * Reads the file of `mqbroker -c`: java.util.Properties with RocketMQ's keys. Its place becomes `brokerConfigPath`.
 * @throws RocketMQError `INVALID_CONFIG` naming the file when it cannot be read
 */
export function readBrokerConfigFile(path: string): BrokerConfigSources {
  const file = readConfigFile(path, parseProperties);
  return file.properties.has('brokerConfigPath') ? { file } : { file, overrides: { brokerConfigPath: path } };
}
