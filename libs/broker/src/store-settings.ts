import type { StoreConfig } from '@nest-rocketmq/store';
import type { BrokerConfig } from './config/broker-config.ts';

/** The part of the broker's configuration that its store reads. */
export function storeSettings(config: BrokerConfig): Partial<StoreConfig> {
  return {
    storePathRootDir: config.storePathRootDir,
    ...(config.storePathCommitLog !== '' && { storePathCommitLog: config.storePathCommitLog }),
    mappedFileSizeCommitLog: config.mappedFileSizeCommitLog,
    mappedFileSizeConsumeQueue: config.mappedFileSizeConsumeQueue,
    flushDiskType: config.flushDiskType,
    flushIntervalCommitLog: config.flushIntervalCommitLog,
    flushIntervalConsumeQueue: config.flushIntervalConsumeQueue,
    flushConsumeQueueThoroughInterval: config.flushConsumeQueueThoroughInterval,
    cleanResourceInterval: config.cleanResourceInterval,
    deleteCommitLogFilesInterval: config.deleteCommitLogFilesInterval,
    deleteFileBatchMax: config.deleteFileBatchMax,
    deleteWhen: config.deleteWhen,
    fileReservedTime: config.fileReservedTime,
    diskMaxUsedSpaceRatio: config.diskMaxUsedSpaceRatio,
    diskSpaceCleanForciblyRatio: config.diskSpaceCleanForciblyRatio,
    diskSpaceWarningLevelRatio: config.diskSpaceWarningLevelRatio,
    cleanFileForciblyEnable: config.cleanFileForciblyEnable,
    maxMessageSize: config.maxMessageSize,
    checkCRCOnRecover: config.checkCRCOnRecover,
    maxTransferBytesOnMessageInMemory: config.maxTransferBytesOnMessageInMemory,
    maxTransferCountOnMessageInMemory: config.maxTransferCountOnMessageInMemory,
    maxTransferBytesOnMessageInDisk: config.maxTransferBytesOnMessageInDisk,
    maxTransferCountOnMessageInDisk: config.maxTransferCountOnMessageInDisk,
    accessMessageInMemoryMaxRatio: config.accessMessageInMemoryMaxRatio,
    maxFilterMessageSize: config.maxFilterMessageSize,
    messageIndexEnable: config.messageIndexEnable,
    maxHashSlotNum: config.maxHashSlotNum,
    maxIndexNum: config.maxIndexNum,
    maxMsgsNumBatch: config.maxMsgsNumBatch,
    messageDelayLevel: config.messageDelayLevel,
    autoMessageVersionOnTopicLen: config.autoMessageVersionOnTopicLen,
  };
}
