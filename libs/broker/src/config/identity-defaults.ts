import { hostname } from 'node:os';

/** Who the broker is, where it listens, and how it is known to the NameServers: Java's keys and defaults. */
export const identityDefaults = {
  // brokerId 0 is the master of the brokers of one name, others are its slaves
  brokerClusterName: 'DefaultCluster',
  brokerName: hostname(),
  brokerId: 0,
  regionId: 'DefaultRegion',

  // Empty: loopback. brokerIP1 is what clients are told, brokerIP2 what slaves are told
  bindAddress: '',
  brokerIP1: '',
  brokerIP2: '',

  // 0: a free port; haListenPort 0: listenPort + 1
  listenPort: 10911,
  haListenPort: 0,
  serverChannelMaxIdleTimeSeconds: 120,

  // NameServers as `host:port;host:port`; periods and time-outs in milliseconds
  namesrvAddr: '',
  registerNameServerPeriod: 30_000,
  registerBrokerTimeoutMills: 24_000,
  forceRegister: true,
  compressedRegister: false,

  // 4 readable, 2 writable: masks the permission of every topic
  brokerPermission: 6,

  // Whether a slave stands in for a lost master, and how long a silent broker is kept by the NameServer
  enableSlaveActingMaster: false,
  brokerNotActiveTimeoutMillis: 10_000,

  // The file of -c, and the keys that no request may change
  brokerConfigPath: '',
  configBlackList: 'configBlackList;brokerConfigPath',
};
