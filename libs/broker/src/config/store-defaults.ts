import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the broker is to its replicas: the slave follows, SYNC_MASTER waits for a slave before it answers. */
export type BrokerRole = 'ASYNC_MASTER' | 'SYNC_MASTER' | 'SLAVE';

/** When a message counts as stored: once written to the file, or once flushed to the disk. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH';

/** The message store: the keys and defaults of MessageStoreConfig. Sizes in bytes, times in milliseconds unless named otherwise. */
export const storeDefaults = {
  // Files; storePathCommitLog empty: below storePathRootDir
  storePathRootDir: join(homedir(), 'store'),
  storePathCommitLog: '',
  mappedFileSizeCommitLog: 1_073_741_824,
  mappedFileSizeConsumeQueue: 6_000_000,

  // Durability
  brokerRole: 'ASYNC_MASTER' as BrokerRole,
  flushDiskType: 'ASYNC_FLUSH' as FlushDiskType,
  syncFlushTimeout: 5000,
  flushIntervalCommitLog: 500,
  flushCommitLogTimed: true,
  flushCommitLogLeastPages: 4,
  flushCommitLogThoroughInterval: 10_000,
  flushIntervalConsumeQueue: 1000,
  flushConsumeQueueLeastPages: 2,
  flushConsumeQueueThoroughInterval: 60_000,
  putMessageTimeout: 8000,
  checkCRCOnRecover: true,

  // Messages
  maxMessageSize: 4_194_304,
  maxMsgsNumBatch: 64,
  maxTopicLength: 127,
  autoMessageVersionOnTopicLen: true,
  enabledAppendPropCRC: false,

  // Reads
  maxTransferBytesOnMessageInMemory: 262_144,
  maxTransferCountOnMessageInMemory: 32,
  maxTransferBytesOnMessageInDisk: 65_536,
  maxTransferCountOnMessageInDisk: 8,
  accessMessageInMemoryMaxRatio: 40,
  pullBatchMaxMessageCount: 160,
  maxFilterMessageSize: 16_000,

  // Index
  messageIndexEnable: true,
  messageIndexSafe: false,
  maxHashSlotNum: 5_000_000,
  maxIndexNum: 20_000_000,
  defaultQueryMaxNum: 32,

  // Clean-up: deleteWhen in hours of the day (`04`, `04;16`), fileReservedTime in hours, ratios in percent
  cleanResourceInterval: 10_000,
  deleteCommitLogFilesInterval: 100,
  deleteConsumeQueueFilesInterval: 100,
  deleteWhen: '04',
  fileReservedTime: 72,
  deleteFileBatchMax: 10,
  diskMaxUsedSpaceRatio: 75,
  diskSpaceCleanForciblyRatio: 85,
  diskSpaceWarningLevelRatio: 90,
  cleanFileForciblyEnable: true,

  // Delay levels and timers
  messageDelayLevel: '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
  flushDelayOffsetInterval: 10_000,
  timerWheelEnable: true,
  timerPrecisionMs: 1000,
  timerMaxDelaySec: 259_200,
  timerRollWindowSlot: 172_800,
  timerFlushIntervalMs: 1000,
  timerInterceptDelayLevel: false,
  timerEnableCheckMetrics: true,
  timerStopEnqueue: false,
  timerStopDequeue: false,
  timerCongestNumEachSlot: 2_147_483_647,
  appendTopicForTimerDeleteKey: false,
  mappedFileSizeTimerLog: 104_857_600,

  // Replication
  haMasterAddress: '',
  haSendHeartbeatInterval: 5000,
  haHousekeepingInterval: 20_000,
  haTransferBatchSize: 32_768,
  haMaxGapNotInSync: 268_435_456,
  slaveTimeout: 3000,
  offsetCheckInSlave: false,
  inSyncReplicas: 1,
  minInSyncReplicas: 1,
  totalReplicas: 1,
};
