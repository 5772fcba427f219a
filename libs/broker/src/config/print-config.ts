import { allBrokerKeys, type BrokerConfigSources } from './broker-config.ts';

/** What `-m` prints: the items that tell one broker from another (Java's `@ImportantField`). */
const IMPORTANT: readonly string[] = [
  'namesrvAddr',
  'brokerIP1',
  'brokerIP2',
  'brokerName',
  'brokerClusterName',
  'brokerId',
  'autoCreateTopicEnable',
  'autoCreateSubscriptionGroup',
  'msgTraceTopicName',
  'traceTopicEnable',
  'rejectTransactionMessage',
  'fetchNameSrvAddrByDnsLookup',
  'fetchNamesrvAddrByAddressServer',
  'transactionTimeOut',
  'transactionCheckMax',
  'transactionCheckInterval',
  'aclEnable',
  'storePathRootDir',
  'storePathCommitLog',
  'fileReservedTime',
  'brokerRole',
  'flushDiskType',
  'haListenPort',
  'haMasterAddress',
];

/** The lines `key=value` of every item (`mqbroker -p`), in alphabetical order; of the important ones (`-m`) on demand. */
export function printBrokerConfig(
  sources: BrokerConfigSources,
  which: 'all' | 'important' = 'all',
): string[] {
  const items = new Map(Object.entries(allBrokerKeys(sources)));
  const keys = which === 'all' ? [...items.keys()].sort() : IMPORTANT;
  return keys.map((key) => `${key}=${items.get(key)}`);
}
