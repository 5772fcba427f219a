import { homedir } from 'node:os';
import { join } from 'node:path';
import { isIP } from 'node:net';
import { configure, ConfigProblem } from '@nest-rocketmq/runtime';

/** What a NameServer can be told: the keys and defaults of NamesrvConfig and its server's settings. Times in milliseconds. */
export const namesrvConfigDefaults = {
  // Java listens on 0.0.0.0; here a wider address is a deliberate setting
  bindAddress: '127.0.0.1',
  // 0: a free port
  listenPort: 9876,
  kvConfigPath: join(homedir(), 'namesrv', 'kvConfig.json'),
  configStorePath: join(homedir(), 'namesrv', 'namesrv.properties'),
  orderMessageEnable: false,
  returnOrderTopicConfigToBroker: true,
  scanNotActiveBrokerInterval: 5000,
  supportActingMaster: false,
  notifyMinBrokerIdChanged: false,
  enableAllTopicList: true,
  enableTopicList: true,
  deleteTopicWithBrokerRegistration: false,
  needWaitForService: false,
  waitSecondsForService: 45,
  serverChannelMaxIdleTimeSeconds: 120,
  // TLS on the same port. Certificates are in the properties file that tls.config.file names, with Java's tls.* keys
  'tls.server.mode': 'permissive',
  'tls.enable': false,
  'tls.config.file': '',
};

/** The configuration of a NameServer, with Java's names. */
export type NamesrvConfig = typeof namesrvConfigDefaults;

/** Java's keys that are accepted and mean nothing here: thread pools, Netty, the controller inside the NameServer. */
export const acceptedNamesrvKeys = {
  rocketmqHome: '',
  productEnvName: 'center',
  clusterTest: false,
  configBlackList: 'configBlackList;configStorePath;kvConfigPath',
  clientRequestThreadPoolNums: 8,
  clientRequestThreadPoolQueueCapacity: 50_000,
  defaultThreadPoolNums: 16,
  defaultThreadPoolQueueCapacity: 10_000,
  unRegisterBrokerQueueCapacity: 3000,
  enableControllerInNamesrv: false,
  serverWorkerThreads: 8,
  serverCallbackExecutorThreads: 0,
  serverSelectorThreads: 3,
  serverOnewaySemaphoreValue: 256,
  serverAsyncSemaphoreValue: 64,
  serverSocketSndBufSize: 0,
  serverSocketRcvBufSize: 0,
  serverSocketBacklog: 1024,
  serverNettyWorkerGroupEnable: true,
  serverPooledByteBufAllocatorEnable: true,
  enableShutdownGracefully: false,
  shutdownWaitTimeSeconds: 30,
  useEpollNativeSelector: false,
  writeBufferHighWaterMark: 0,
  writeBufferLowWaterMark: 0,
  clientWorkerThreads: 4,
  clientCallbackExecutorThreads: 2,
  clientOnewaySemaphoreValue: 65_535,
  clientAsyncSemaphoreValue: 65_535,
  clientChannelMaxIdleTimeSeconds: 120,
  clientCloseSocketIfTimeout: true,
  clientPooledByteBufAllocatorEnable: false,
  clientSocketSndBufSize: 0,
  clientSocketRcvBufSize: 0,
  connectTimeoutMillis: 3000,
  channelNotActiveInterval: 60_000,
  useTLS: false,
};

/** The keys that code 318 may change while the NameServer runs; every other key is refused. */
export const CHANGEABLE_KEYS: ReadonlySet<string> = new Set<keyof NamesrvConfig>([
  'orderMessageEnable',
  'returnOrderTopicConfigToBroker',
  'supportActingMaster',
  'notifyMinBrokerIdChanged',
  'enableAllTopicList',
  'enableTopicList',
  'deleteTopicWithBrokerRegistration',
]);

/** What a NameServer is configured from: later ones win. */
export interface NamesrvConfigSources {
  /** The parsed file of `-c`. */
  file?: { path: string; properties: ReadonlyMap<string, string> } | undefined;
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  overrides?: Partial<NamesrvConfig> | undefined;
}

/**
 * Puts the configuration of a NameServer together (NamesrvStartup): defaults, file, environment, overrides.
 * @throws RocketMQError `INVALID_CONFIG` with one line that names source, key and what is wrong
 */
export function namesrvConfig(sources: NamesrvConfigSources = {}): NamesrvConfig {
  const all = allNamesrvKeys(sources);
  const source = sources.file?.path ?? 'the configuration';
  if (isIP(all.bindAddress) === 0) {
    throw new ConfigProblem(
      source,
      'bindAddress',
      `must be an IP address, not ${JSON.stringify(all.bindAddress)}`,
    );
  }
  if (all.enableControllerInNamesrv) {
    throw new ConfigProblem(
      source,
      'enableControllerInNamesrv',
      'is not supported: there is no controller here',
    );
  }
  const given = new Map(Object.entries(all));
  return Object.fromEntries(
    Object.keys(namesrvConfigDefaults).map((key) => [key, given.get(key)]),
  ) as unknown as NamesrvConfig;
}

/** The lines `key=value` of every item (`mqnamesrv -p`), in alphabetical order. */
export function printNamesrvConfig(sources: NamesrvConfigSources = {}): string[] {
  return Object.entries(allNamesrvKeys(sources))
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

/** The configuration with some of {@link CHANGEABLE_KEYS} changed. Throws as {@link namesrvConfig} does. */
export function changedConfig(config: NamesrvConfig, changes: ReadonlyMap<string, string>): NamesrvConfig {
  return configure({ defaults: config, file: { path: 'the request', properties: changes } });
}

function allNamesrvKeys(sources: NamesrvConfigSources): NamesrvConfig & typeof acceptedNamesrvKeys {
  return configure({
    defaults: { ...acceptedNamesrvKeys, ...namesrvConfigDefaults },
    choices: { 'tls.server.mode': ['disabled', 'permissive', 'enforcing'] },
    ranges: {
      listenPort: [0, 65_535],
      scanNotActiveBrokerInterval: [1, 2_147_483_647],
      waitSecondsForService: [0, 1_000_000],
      serverChannelMaxIdleTimeSeconds: [1, 1_000_000],
    },
    ...sources,
  });
}
