import path from 'node:path';
import type { Logger } from '@nest-rocketmq/runtime';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Checkpoint } from '../files/checkpoint.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { IndexFiles } from '../index-file/index-files.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';
import type { StoreConfig } from '../store-config.ts';
import { storeError } from '../store-error.ts';
import { openSegments, recover, type RecoveryReport } from './recovery.ts';

export interface OpenParts {
  config: StoreConfig;
  fs: FileSystem;
  logger: Logger;
  log: CommitLog;
  queues: ConsumeQueues;
  index: IndexFiles | undefined;
  dispatcher: Dispatcher;
  checkpoint: Checkpoint;
  maintenance: Maintenance;
}

/** Creates what is missing of a store's directories. @throws RocketMQError `STORE` when that cannot be done */
export function createDirectories(config: StoreConfig, fs: FileSystem): void {
  const root = config.storePathRootDir;
  try {
    fs.makeDirectory(root);
    fs.makeDirectory(config.storePathCommitLog);
    fs.makeDirectory(path.join(root, 'consumequeue'));
    fs.makeDirectory(path.join(root, 'config'));
  } catch (error) {
    throw storeError('cannot create the store directory', root, error);
  }
}

/** Opens a store's files in RocketMQ's order and recovers them (DefaultMessageStore.load); the directory is locked. */
export function openFiles(parts: OpenParts): RecoveryReport {
  const { config, fs, log, queues, index, checkpoint, maintenance } = parts;
  const root = config.storePathRootDir;
  const abort = path.join(root, 'abort');
  const clean = fs.status(abort) === undefined;
  writeText(fs, path.join(root, 'lock'), 'lock');
  const segments = openSegments(config.storePathCommitLog, log.segmentSize, fs, !clean);
  log.segments = segments;
  // From here on files are changed: should that be interrupted, the next start must look closely.
  writeText(fs, abort, String(process.pid));
  // And the mark must be on the disk before what it warns of can be.
  fs.syncDirectory(root);
  queues.load(!clean);
  checkpoint.load();
  if (index) loadIndex(index, checkpoint, clean);
  const writeQueues = (): void => maintenance.guardQueues(() => queues.writeFull());
  const recovery = {
    ...parts,
    checkCrc: config.checkCRCOnRecover,
    indexed: index !== undefined,
    writeQueues,
  };
  const report = recover(recovery, segments, clean);
  index?.endAt(report.endOffset);
  maintenance.guardQueues(() => queues.writeAll());
  maintenance.guard.look();
  return report;
}

/**
 * A file that is removed takes all its keys along, the oldest too: recovery has to begin where the files that are left
 * end. After a clean stop the files are complete, which the checkpoint must say before they change, or a crash would
 * cost all of the newest: RocketMQ's own checkpoint counts full files only.
 */
function loadIndex(index: IndexFiles, checkpoint: Checkpoint, clean: boolean): void {
  const removed = index.load(clean ? undefined : checkpoint.indexMsgTimestamp);
  if (removed) checkpoint.indexMsgTimestamp = index.endTimestamp;
  else if (clean && index.endTimestamp > checkpoint.indexMsgTimestamp) {
    checkpoint.indexMsgTimestamp = index.endTimestamp;
    checkpoint.flushSync();
  }
}

function writeText(fs: FileSystem, file: string, text: string): void {
  const bytes = Buffer.from(text);
  const fd = fs.open(file, 'w+');
  try {
    fs.write(fd, bytes, 0, bytes.length, 0);
  } finally {
    fs.close(fd);
  }
}
