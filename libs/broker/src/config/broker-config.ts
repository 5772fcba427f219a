import { configure, ConfigProblem } from '@nest-rocketmq/runtime';
import { acceptedKeys } from './accepted-keys.ts';
import { resolveAddresses } from './addresses.ts';
import { behaviourDefaults } from './behaviour-defaults.ts';
import { identityDefaults } from './identity-defaults.ts';
import { checkNamesrvAddr } from './namesrv-addresses.ts';
import { popDefaults } from './pop-defaults.ts';
import { securityDefaults } from './security-defaults.ts';
import { storeDefaults } from './store-defaults.ts';

/** Everything a broker can be told, with Java's names: BrokerConfig, MessageStoreConfig and its server's settings. */
export interface BrokerConfig extends IdentityConfig, SecurityConfig, BehaviourConfig, PopConfig, StoreKeys {}

type IdentityConfig = typeof identityDefaults;
type SecurityConfig = typeof securityDefaults;
type BehaviourConfig = typeof behaviourDefaults;
type PopConfig = typeof popDefaults;
type StoreKeys = typeof storeDefaults;

/** The keys that mean something here, with their defaults. */
export const brokerConfigDefaults: BrokerConfig = {
  ...identityDefaults,
  ...securityDefaults,
  ...behaviourDefaults,
  ...popDefaults,
  ...storeDefaults,
};

/** What a broker is configured from; see {@link brokerConfig}. */
export interface BrokerConfigSources {
  /** The parsed file of `-c`. */
  file?: { path: string; properties: ReadonlyMap<string, string> } | undefined;
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  overrides?: Partial<BrokerConfig> | undefined;
}

const PORTS = [0, 65_535] as const;
const PERCENT = [1, 100] as const;
const AT_LEAST_ONE = [1, Number.MAX_SAFE_INTEGER] as const;
const COUNTS = [1, 2_147_483_647] as const;

const RULES = {
  choices: {
    brokerRole: ['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'],
    flushDiskType: ['ASYNC_FLUSH', 'SYNC_FLUSH'],
    'tls.server.mode': ['disabled', 'permissive', 'enforcing'],
    defaultMessageRequestMode: ['PULL', 'POP'],
  },
  ranges: {
    listenPort: PORTS,
    maxConnections: COUNTS,
    maxConnectionsPerIp: COUNTS,
    shutdownWaitTimeSeconds: [0, 3600],
    haListenPort: PORTS,
    brokerId: [-1, 2_147_483_647],
    brokerPermission: [0, 15],
    defaultTopicQueueNums: COUNTS,
    maxErrorRateOfBloomFilter: [1, 99],
    expectConsumerNumUseFilter: [1, 1_000_000],
    filterDataCleanTimeSpan: AT_LEAST_ONE,
    reviveQueueNum: [1, 998],
    reviveInterval: AT_LEAST_ONE,
    popFromRetryProbability: [0, 100],
    popPollingSize: COUNTS,
    maxPopPollingSize: COUNTS,
    registerNameServerPeriod: AT_LEAST_ONE,
    registerBrokerTimeoutMills: AT_LEAST_ONE,
    flushConsumerOffsetInterval: AT_LEAST_ONE,
    consumerOffsetUpdateVersionStep: AT_LEAST_ONE,
    mappedFileSizeCommitLog: COUNTS,
    mappedFileSizeConsumeQueue: [20, 2_147_483_647],
    maxMessageSize: [1, 16 * 1024 * 1024],
    maxTopicLength: [1, 255],
    diskMaxUsedSpaceRatio: PERCENT,
    diskSpaceCleanForciblyRatio: PERCENT,
    diskSpaceWarningLevelRatio: PERCENT,
    fileReservedTime: [0, 1_000_000],
    transactionCheckInterval: AT_LEAST_ONE,
    maxHashSlotNum: [1, 100_000_000],
    mappedFileSizeTimerLog: [120, 2_147_483_647],
    timerPrecisionMs: [1, 60_000],
    timerMaxDelaySec: [1, 31_536_000],
    timerRollWindowSlot: COUNTS,
    timerFlushIntervalMs: AT_LEAST_ONE,
    timerCongestNumEachSlot: COUNTS,
    flushDelayOffsetInterval: AT_LEAST_ONE,
    maxIndexNum: [2, 100_000_000],
  },
} as const;

/** What switching on would promise something that nothing here keeps. */
const REFUSED: readonly string[] = ['authenticationEnabled', 'authorizationEnabled'];

/**
 * Puts the configuration of a broker together (BrokerStartup.buildBrokerController): defaults, file, environment,
 * overrides. Addresses that were not given are filled in: a broker listens on loopback unless `bindAddress` or
 * `brokerIP1` say otherwise. Java's keys that mean nothing here are accepted.
 * @throws RocketMQError `INVALID_CONFIG` with one line that names source, key and what is wrong
 */
export function brokerConfig(sources: BrokerConfigSources = {}): BrokerConfig {
  return checked(allBrokerKeys(sources), sources.file?.path ?? 'the configuration');
}

/** As {@link brokerConfig}, with the accepted keys: what `-p` prints. */
export function allBrokerKeys(sources: BrokerConfigSources = {}): BrokerConfig & AcceptedConfig {
  const defaults = { ...acceptedKeys, ...brokerConfigDefaults };
  return configure({ defaults, ...RULES, ...sources });
}

/** Java's keys that are accepted and mean nothing here. */
export type AcceptedConfig = typeof acceptedKeys;

/** The accepted keys that differ from their defaults: a broker that starts with them says so in its log. */
export function ignoredSettings(sources: BrokerConfigSources): string[] {
  const config = new Map(Object.entries(allBrokerKeys(sources)));
  return Object.entries(acceptedKeys)
    .filter(([key, value]) => config.get(key) !== value)
    .map(([key]) => key);
}

function checked(all: BrokerConfig & AcceptedConfig, source: string): BrokerConfig {
  const given = new Map<string, unknown>(Object.entries(all));
  for (const key of REFUSED) {
    if (given.get(key) !== true) continue;
    throw new ConfigProblem(
      source,
      key,
      'is not supported: the access control of this broker is that of plain_acl.yml (aclEnable)',
    );
  }
  if (all.enableDLegerCommitLog || all.enableControllerMode || all.storeType !== 'default') {
    const key = all.enableDLegerCommitLog
      ? 'enableDLegerCommitLog'
      : all.enableControllerMode
        ? 'enableControllerMode'
        : 'storeType';
    throw new ConfigProblem(
      source,
      key,
      "is not supported: the store is RocketMQ's file layout on one broker",
    );
  }
  if (all.brokerRole === 'SLAVE' ? all.brokerId <= 0 : all.brokerId !== 0) {
    const rule = all.brokerRole === 'SLAVE' ? 'must be above 0 for a SLAVE' : 'must be 0 for a master';
    throw new ConfigProblem(source, 'brokerId', `${rule}, not ${all.brokerId}`);
  }
  for (const key of ['brokerName', 'brokerClusterName', 'storePathRootDir'] as const) {
    if (all[key] === '') throw new ConfigProblem(source, key, 'must not be empty');
  }
  checkNamesrvAddr(source, all.namesrvAddr);
  const config = Object.fromEntries(
    Object.keys(brokerConfigDefaults).map((key) => [key, given.get(key)]),
  ) as unknown as BrokerConfig;
  return resolveAddresses(config, source);
}
