import os from 'node:os';
import path from 'node:path';

/** When a message counts as stored: written to the file, or flushed to the disk. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH';

/** The keys of `broker.conf` that the store reads, by RocketMQ's names (MessageStoreConfig). Times are milliseconds unless said otherwise. */
export interface StoreConfig {
  /** Default `~/store`. */
  storePathRootDir: string;
  /** Default `<storePathRootDir>/commitlog`. */
  storePathCommitLog: string;
  /** Bytes of one commit log file. Default 1 GiB. */
  mappedFileSizeCommitLog: number;
  /** Bytes of one consume queue file, rounded up to whole units of 20. Default 6,000,000. */
  mappedFileSizeConsumeQueue: number;
  /** Default ASYNC_FLUSH. */
  flushDiskType: FlushDiskType;
  /** Default 500. */
  flushIntervalCommitLog: number;
  /** Default 1000. */
  flushIntervalConsumeQueue: number;
  /** Default 60000. */
  flushConsumeQueueThoroughInterval: number;
  /** Default 10000. */
  cleanResourceInterval: number;
  /** Between two deletions of commit log files. Default 100. */
  deleteCommitLogFilesInterval: number;
  /** Commit log files deleted in one round at most. Default 10. */
  deleteFileBatchMax: number;
  /** Hours of the day, local time, joined by `;`. Default `04`. */
  deleteWhen: string;
  /** Hours. Default 72. */
  fileReservedTime: number;
  /** Per cent of the disk from which expired files are deleted at any hour. Default 75, within 10..95. */
  diskMaxUsedSpaceRatio: number;
  /** Per cent from which files are deleted whatever their age. Default 85, within 30..85. */
  diskSpaceCleanForciblyRatio: number;
  /** Per cent from which writes are refused. Default 90, within 35..90. */
  diskSpaceWarningLevelRatio: number;
  /** Default true. */
  cleanFileForciblyEnable: boolean;
  /** Bytes of a body, or of a whole batch. Default 4 MiB. */
  maxMessageSize: number;
  /** Default true. */
  checkCRCOnRecover: boolean;
  /** Default 262144. */
  maxTransferBytesOnMessageInMemory: number;
  /** Default 32. */
  maxTransferCountOnMessageInMemory: number;
  /** Default 65536. */
  maxTransferBytesOnMessageInDisk: number;
  /** Default 8. */
  maxTransferCountOnMessageInDisk: number;
  /** Per cent of the machine's memory that is taken to hold the newest messages. Default 40. */
  accessMessageInMemoryMaxRatio: number;
  /** Bytes of consume queue looked through for one pull. Default 16000. */
  maxFilterMessageSize: number;
  /** Default true. */
  messageIndexEnable: boolean;
  /** Default 5000000. */
  maxHashSlotNum: number;
  /** Default 20000000. */
  maxIndexNum: number;
  /** Messages that one query by key returns at most. Default 64. */
  maxMsgsNumBatch: number;
  /** The delays of levels 1, 2, ... */
  messageDelayLevel: string;
  /** Default true. Off: the second layout is never written, and topics end at 127 bytes. */
  autoMessageVersionOnTopicLen: boolean;
}

/** RocketMQ's eighteen delay levels. */
export const DEFAULT_MESSAGE_DELAY_LEVEL = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h';

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Fills in RocketMQ's defaults and applies its clamps. */
export function storeConfigOf(given: Partial<StoreConfig>): StoreConfig {
  const root = given.storePathRootDir ?? path.join(os.homedir(), 'store');
  const config: StoreConfig = {
    storePathRootDir: root,
    storePathCommitLog: path.join(root, 'commitlog'),
    mappedFileSizeCommitLog: 1024 * 1024 * 1024,
    mappedFileSizeConsumeQueue: 6_000_000,
    flushDiskType: 'ASYNC_FLUSH',
    flushIntervalCommitLog: 500,
    flushIntervalConsumeQueue: 1000,
    flushConsumeQueueThoroughInterval: 60_000,
    cleanResourceInterval: 10_000,
    deleteCommitLogFilesInterval: 100,
    deleteFileBatchMax: 10,
    deleteWhen: '04',
    fileReservedTime: 72,
    diskMaxUsedSpaceRatio: 75,
    diskSpaceCleanForciblyRatio: 85,
    diskSpaceWarningLevelRatio: 90,
    cleanFileForciblyEnable: true,
    maxMessageSize: 4 * 1024 * 1024,
    checkCRCOnRecover: true,
    maxTransferBytesOnMessageInMemory: 256 * 1024,
    maxTransferCountOnMessageInMemory: 32,
    maxTransferBytesOnMessageInDisk: 64 * 1024,
    maxTransferCountOnMessageInDisk: 8,
    accessMessageInMemoryMaxRatio: 40,
    maxFilterMessageSize: 16_000,
    messageIndexEnable: true,
    maxHashSlotNum: 5_000_000,
    maxIndexNum: 20_000_000,
    maxMsgsNumBatch: 64,
    messageDelayLevel: DEFAULT_MESSAGE_DELAY_LEVEL,
    autoMessageVersionOnTopicLen: true,
  };
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) Object.assign(config, { [key]: value });
  }
  config.mappedFileSizeConsumeQueue = Math.ceil(config.mappedFileSizeConsumeQueue / 20) * 20;
  config.diskMaxUsedSpaceRatio = within(config.diskMaxUsedSpaceRatio, 10, 95);
  config.diskSpaceCleanForciblyRatio = within(config.diskSpaceCleanForciblyRatio, 30, 85);
  config.diskSpaceWarningLevelRatio = within(config.diskSpaceWarningLevelRatio, 35, 90);
  return config;
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The delays of levels 1, 2, ... in milliseconds, at index 1, 2, ...; words that are no delay are left out, as RocketMQ's ScheduleMessageService does not start on them. */
export function delayLevelTable(text: string): number[] {
  const table = [0];
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(\d+)([smhd])$/.exec(word);
    const unit = match?.[2] === undefined ? undefined : UNITS[match[2]];
    if (match?.[1] !== undefined && unit !== undefined) table.push(Number(match[1]) * unit);
  }
  return table;
}
