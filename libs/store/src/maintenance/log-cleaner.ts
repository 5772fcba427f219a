import type { Clock, Logger, Scheduled } from '@nest-rocketmq/runtime';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { LogFlusher } from '../commit-log/log-flusher.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { IndexFiles } from '../index-file/index-files.ts';
import { correctMinOffset } from '../read/queue-reader.ts';
import type { StoreConfig } from '../store-config.ts';
import type { DiskGuard } from './disk-guard.ts';

export interface LogCleanerParts {
  config: StoreConfig;
  fs: FileSystem;
  clock: Clock;
  logger: Logger;
  log: CommitLog;
  flusher: LogFlusher;
  queues: ConsumeQueues;
  index: IndexFiles | undefined;
  guard: DiskGuard;
  /** Whether consume queues and index lack something that only the log has. */
  incomplete: () => boolean;
}

/** How many rounds a request by hand lasts (CleanCommitLogService.MAX_MANUAL_DELETE_FILE_TIMES). */
const MANUAL_ROUNDS = 20;
const QUEUES_PER_SLICE = 256;
const SLICE_INTERVAL = 10;

/**
 * Deletes old commit log files, and what consume queues and index have of them (CleanCommitLogService): at the hours of
 * deleteWhen and when the disk fills up; by age, or, when it is nearly full, whatever the age.
 */
export class LogCleaner {
  readonly #parts: LogCleanerParts;
  #manual = 0;
  #deleting: Scheduled | undefined;
  #correcting: Scheduled | undefined;

  constructor(parts: LogCleanerParts) {
    this.#parts = parts;
  }

  /** Deletes expired files now, whatever the hour (mqadmin deleteExpiredCommitLog). */
  deleteManually(): void {
    this.#manual = MANUAL_ROUNDS;
    this.round();
  }

  /** Looks at the disk and, if it is time to, deletes up to deleteFileBatchMax files. */
  round(): void {
    const { config, guard, clock } = this.#parts;
    guard.look();
    const used = Math.ceil(guard.ratio * 100);
    const hour = new Date(clock.now()).getHours();
    const inTime = config.deleteWhen.split(';').some((when) => when.trim() !== '' && Number(when) === hour);
    const manual = this.#manual > 0;
    if (manual) this.#manual--;
    if (this.#deleting || !(inTime || manual || used > config.diskMaxUsedSpaceRatio)) return;
    const anyAge = config.cleanFileForciblyEnable && used > config.diskSpaceCleanForciblyRatio;
    this.#deleteNext(config.deleteFileBatchMax, anyAge);
  }

  stop(): void {
    this.#deleting?.cancel();
    this.#correcting?.cancel();
    this.#deleting = this.#correcting = undefined;
  }

  #deleteNext(left: number, anyAge: boolean): void {
    const { config, clock, log, logger } = this.#parts;
    this.#deleting = undefined;
    const oldest = log.segments[0];
    if (left === 0 || !oldest || !this.#deletable(anyAge)) {
      if (left < config.deleteFileBatchMax) this.#correct();
      return;
    }
    logger.info(`deleting ${oldest.path}: ${anyAge ? 'the disk is nearly full' : 'expired'}`);
    log.removeFirst();
    this.#deleting = clock.schedule(config.deleteCommitLogFilesInterval, () =>
      this.#deleteNext(left - 1, anyAge),
    );
  }

  #deletable(anyAge: boolean): boolean {
    const { config, clock, fs, log, flusher, incomplete } = this.#parts;
    const oldest = log.segments[0];
    // The last file always stays; so do those that a flush may still be about.
    if (!oldest || log.segments.length < 2 || oldest.base + log.segmentSize > flusher.flushedOffset)
      return false;
    if (oldest.base + log.segmentSize > log.writtenOffset) return false;
    const modified = fs.status(oldest.path)?.mtimeMs ?? 0;
    // Without its record, a queue entry that found no room on the disk would be lost, and its offset given out again.
    if (!anyAge && incomplete()) return false;
    return anyAge || modified + config.fileReservedTime * 3_600_000 < clock.now();
  }

  #correct(): void {
    const { index, log, queues } = this.#parts;
    index?.removeBefore(log.minOffset);
    this.#correcting?.cancel();
    this.#correctSlice(queues.all());
  }

  #correctSlice(queues: ReturnType<ConsumeQueues['all']>): void {
    const { clock, log } = this.#parts;
    for (let i = 0; i < QUEUES_PER_SLICE; i++) {
      const next = queues.next();
      if (next.done === true) {
        this.#correcting = undefined;
        return;
      }
      correctMinOffset(next.value, log.minOffset);
    }
    this.#correcting = clock.schedule(SLICE_INTERVAL, () => this.#correctSlice(queues));
  }
}
