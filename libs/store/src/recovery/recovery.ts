import { RocketMQError, type Logger } from '@nest-rocketmq/runtime';
import path from 'node:path';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { readInt64 } from '@nest-rocketmq/protocol';
import { CQ_STORE_UNIT_SIZE } from '../consume-queue/consume-queue.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { Checkpoint } from '../files/checkpoint.ts';
import type { FileSystem } from '../files/file-system.ts';
import { Segment, segmentName, segmentOffset } from '../files/segment.ts';
import { LogScanner } from './log-scanner.ts';
import { Replay } from './replay.ts';
import type { Dispatcher } from '../dispatcher.ts';

/** Queues are written as they grow: memory stays bounded however long the log is. */
const RECORDS_BETWEEN_WRITES = 4096;

/** What loading a store found and did. */
export interface RecoveryReport {
  /** Whether the store was closed in order. */
  clean: boolean;
  /** Where the next record goes. */
  endOffset: number;
  /** Where the log was read from. */
  startOffset: number;
  scannedBytes: number;
  records: number;
  /** Damaged records within what was durable: passed over, never served. */
  damaged: number[];
  /** The newest record's store timestamp, 0 when none was read. */
  lastTimestamp: number;
  durationMs: number;
}

/** What recovery works on. */
export interface RecoveryParts {
  log: CommitLog;
  queues: ConsumeQueues;
  dispatcher: Dispatcher;
  checkpoint: Checkpoint;
  fs: FileSystem;
  logger: Logger;
  checkCrc: boolean;
  /** Writes the queues that have gathered a good deal. */
  writeQueues: () => void;
  /** Whether there is an index to build. */
  indexed: boolean;
}

/**
 * Opens the commit log's files.
 * @param extendShort after a crash the newest file may be shorter than it should be; it is extended
 * @throws RocketMQError `STORE` when a file has a wrong size, or one is missing
 */
export function openSegments(
  directory: string,
  size: number,
  fs: FileSystem,
  extendShort: boolean,
): Segment[] {
  const bases = fs
    .list(directory)
    .map(segmentOffset)
    .filter((base) => base !== undefined)
    .toSorted((a, b) => a - b);
  const segments: Segment[] = [];
  try {
    for (const base of bases) {
      const segment = openSegment(directory, base, size, fs, extendShort, base === bases.at(-1));
      if (!segment) continue;
      const previous = segments.at(-1);
      segments.push(segment);
      if (base % size !== 0 || (previous && previous.base + size !== base)) {
        throw new RocketMQError(
          'STORE',
          `${segment.path}: the commit log has a hole before it. Restore the missing file, or set mappedFileSizeCommitLog to the size the store was written with`,
        );
      }
    }
  } catch (error) {
    for (const segment of segments) fs.close(segment.fd);
    throw error;
  }
  return segments;
}

function openSegment(
  directory: string,
  base: number,
  size: number,
  fs: FileSystem,
  extendShort: boolean,
  newest: boolean,
): Segment | undefined {
  const file = path.join(directory, segmentName(base));
  const found = fs.status(file)?.size ?? 0;
  if (newest && found === 0) {
    fs.remove(file);
    return undefined;
  }
  const extend = newest && extendShort && found < size;
  if (found !== size && !extend) {
    throw new RocketMQError(
      'STORE',
      `${file} has ${found} bytes, not the ${size} of mappedFileSizeCommitLog. Set that to the size the store was written with`,
    );
  }
  const fd = fs.open(file, 'r+');
  if (extend) fs.truncate(fd, size);
  return new Segment(directory, base, fd);
}

/**
 * Finds the end of the log, builds what the consume queues and the index lack, and cuts off what is behind the end
 * (CommitLog.recoverNormally, recoverAbnormally).
 */
export function recover(parts: RecoveryParts, segments: Segment[], clean: boolean): RecoveryReport {
  const started = performance.now();
  const { log, queues, fs, logger } = parts;
  if (segments.length === 0) {
    queues.removeAll();
    log.resume([], 0);
    const nothing = {
      clean,
      endOffset: 0,
      startOffset: 0,
      scannedBytes: 0,
      records: 0,
      damaged: [],
      lastTimestamp: 0,
    };
    return { ...nothing, durationMs: performance.now() - started };
  }
  const scanner = new LogScanner(
    segments,
    log.segmentSize,
    fs,
    parts.checkCrc,
    parts.checkpoint.physicMsgTimestamp,
  );
  const startOffset = clean
    ? startAfterCleanStop(parts, scanner, segments)
    : startAfterCrash(parts, scanner, segments);
  // What the log can tell is not taken from files that a crash may have torn.
  if (!clean) queues.truncate(startOffset);
  const replay = new Replay(queues, parts.dispatcher);
  let topic = '';
  let lastTimestamp = 0;
  let topicBytes = Buffer.alloc(0);
  const endOffset = scanner.scan(startOffset, (record, buffer) => {
    const length = record.topicEnd - record.topicStart;
    if (
      length !== topicBytes.length ||
      topicBytes.compare(buffer, record.topicStart, record.topicEnd) !== 0
    ) {
      topicBytes = Buffer.from(buffer.subarray(record.topicStart, record.topicEnd));
      topic = topicBytes.toString();
    }
    if (scanner.records % RECORDS_BETWEEN_WRITES === 0) parts.writeQueues();
    if (record.storeTimestamp > lastTimestamp) lastTimestamp = record.storeTimestamp;
    if (isDirectoryName(topic)) replay.record(record, buffer, topic);
    else
      logger.warn(
        `commit log: the record at ${record.physicalOffset} has no usable topic; it is passed over`,
      );
  });
  replay.finish();
  cut(parts, segments, endOffset, clean);
  queues.truncate(endOffset);
  for (const place of scanner.damaged)
    logger.error(`commit log: the record at ${place} is damaged; it is passed over`);
  return {
    clean,
    endOffset,
    startOffset,
    scannedBytes: endOffset - startOffset,
    records: scanner.records,
    damaged: scanner.damaged,
    lastTimestamp,
    durationMs: performance.now() - started,
  };
}

/** A topic is a directory's name: what a damaged or hostile record says must not lead anywhere else. */
function isDirectoryName(topic: string): boolean {
  return topic !== '' && topic !== '.' && topic !== '..' && !/[/\\\0]/.test(topic);
}

/** The newest record that a consume queue knows: from there on only what has no entry can follow. */
function startAfterCleanStop(parts: RecoveryParts, scanner: LogScanner, segments: Segment[]): number {
  let newest = -1;
  const unit = Buffer.alloc(CQ_STORE_UNIT_SIZE);
  let end = -1;
  for (const queue of parts.queues.all()) {
    if (queue.maxPhysicalEnd <= end || queue.read(queue.nextOffset - 1, 1, unit) !== 1) continue;
    end = queue.maxPhysicalEnd;
    newest = readInt64(unit, 0);
  }
  if (newest >= 0 && scanner.isRecord(newest)) return newest;
  const from = newest < 0 ? 0 : Math.max(0, segments.length - 3);
  return segments[from]?.base ?? 0;
}

/** The newest file whose first record is older than all that may be missing. */
function startAfterCrash(parts: RecoveryParts, scanner: LogScanner, segments: Segment[]): number {
  const { checkpoint, indexed } = parts;
  const safe = indexed ? checkpoint.minTimestampIndex : checkpoint.minTimestamp;
  for (let i = segments.length - 1; i > 0; i--) {
    const segment = segments[i];
    if (!segment) continue;
    const timestamp = scanner.firstTimestamp(segment);
    if (timestamp > 0 && timestamp <= safe) return segment.base;
  }
  return segments[0]?.base ?? 0;
}

function cut(parts: RecoveryParts, segments: Segment[], endOffset: number, clean: boolean): void {
  const { fs, log } = parts;
  for (let last = segments.at(-1); last && last.base > endOffset; last = segments.at(-1)) {
    segments.pop();
    fs.close(last.fd);
    fs.remove(last.path);
  }
  const last = segments.at(-1);
  if (last && endOffset < last.base + log.segmentSize) {
    const head = Buffer.alloc(Math.min(4096, last.base + log.segmentSize - endOffset));
    fs.read(last.fd, head, 0, head.length, endOffset - last.base);
    if (!clean || head.some((byte) => byte !== 0)) {
      // Cut and extended again: what was behind the end must not look like a record later.
      fs.truncate(last.fd, endOffset - last.base);
      fs.truncate(last.fd, log.segmentSize);
    }
  }
  log.resume(segments, endOffset);
}
