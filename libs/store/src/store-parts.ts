import type { Clock, Logger, RocketMQError } from '@nest-rocketmq/runtime';
import type { FileSystem } from './files/file-system.ts';
import type { StoreLock } from './store-lock.ts';

/** Told how far the log is: `written` survives kill -9, `flushed` a power loss. */
export type ProgressListener = (writtenOffset: number, flushedOffset: number) => void;

/** What a store stands on. */
export interface StoreParts {
  fileSystem?: FileSystem;
  clock?: Clock;
  logger?: Logger;
  /** Keeps other processes out; default: nothing does. */
  lock?: StoreLock;
  /** Called once, when a write or flush has failed and the store stands still: the process should end. */
  onFatal?: (error: RocketMQError) => void;
  /** The machine's memory in bytes, by which "in memory" is estimated. */
  memoryBytes?: number;
}
