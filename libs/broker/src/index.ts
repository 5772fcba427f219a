export { Broker, type BrokerParts } from './broker.ts';
export {
  brokerConfig,
  brokerConfigDefaults,
  ignoredSettings,
  type BrokerConfig,
  type BrokerConfigSources,
} from './config/broker-config.ts';
export { printBrokerConfig } from './config/print-config.ts';
export { readBrokerConfigFile } from './read-broker-config-file.ts';
export { localSocketLock } from './store-lock.ts';
