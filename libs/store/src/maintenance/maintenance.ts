import { type Clock, type Logger, scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { LogFlusher } from '../commit-log/log-flusher.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { Checkpoint } from '../files/checkpoint.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { IndexFiles } from '../index-file/index-files.ts';
import type { StoreConfig } from '../store-config.ts';
import { isDiskFull, storeError } from '../store-error.ts';
import { DerivedSync } from './derived-sync.ts';
import { DERIVED_BYTES, DiskGuard } from './disk-guard.ts';
import { LogCleaner } from './log-cleaner.ts';

export interface MaintenanceParts {
  config: StoreConfig;
  fs: FileSystem;
  clock: Clock;
  logger: Logger;
  log: CommitLog;
  flusher: LogFlusher;
  queues: ConsumeQueues;
  index: IndexFiles | undefined;
  checkpoint: Checkpoint;
  commit: () => void;
}

/** Between two slices of queues being written. */
const SLICE_INTERVAL = 50;
const CHECKPOINT_INTERVAL = 1000;
const FIRST_CLEANING = 60_000;

/** The store's background work and its view of the disk: when messages are refused, and why. */
export class Maintenance {
  readonly guard: DiskGuard;
  readonly cleaner: LogCleaner;
  readonly #parts: MaintenanceParts;
  readonly #sync: DerivedSync;
  #timers: Scheduled[] = [];
  /** Set while consume queues cannot be written for want of room. */
  #queuesFull: string | undefined;
  /** Set while the index cannot. */
  #indexFull: string | undefined;
  /** Keys of messages that were taken when the index failed: of the one message or batch, the next are refused. */
  #missed: (() => void)[] = [];
  #syncedSegment = -1;
  /** Set while more queues wait to be written than one slice takes. */
  #slice: Scheduled | undefined;
  #checkpointing: Promise<void> | undefined;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    const { config, fs, clock, log, queues, index } = parts;
    const paths = [config.storePathCommitLog, config.storePathRootDir];
    this.guard = new DiskGuard(paths, config.diskSpaceWarningLevelRatio, fs, clock, () => {
      return log.staging.length + queues.pendingBytes + (index?.pendingBytes ?? 0);
    });
    this.#sync = new DerivedSync({
      ...parts,
      onDone: () => this.#indexMissed(),
      onError: (error) => this.indexFailed(error),
    });
    this.cleaner = new LogCleaner({ ...parts, guard: this.guard, incomplete: () => this.incomplete });
  }

  start(): void {
    const { config, flusher } = this.#parts;
    this.#every(config.flushIntervalCommitLog, () => flusher.request());
    this.#every(config.flushIntervalConsumeQueue, () => this.#slice ?? this.#writeQueues());
    this.#every(CHECKPOINT_INTERVAL, () => this.#writeCheckpoint());
    this.#every(config.flushConsumeQueueThoroughInterval, () => this.#syncDerived());
    this.#every(
      config.cleanResourceInterval,
      () => this.#guarded(() => this.cleaner.round()),
      FIRST_CLEANING,
    );
  }

  /** Ends all of it; resolves when nothing is under way. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#slice?.cancel();
    this.cleaner.stop();
    await this.#sync.idle();
    await this.#checkpointing;
  }

  /** Why messages are refused; undefined when they are not. */
  get refusal(): string | undefined {
    if (!this.guard.full) return this.#queuesFull ?? this.#indexFull;
    // RocketMQ tells three disks apart; these are one here.
    const used = this.guard.ratio.toFixed(2).padStart(5);
    return `the broker's disk is full [CL: ${used} CQ: ${used} INDEX: ${used}]`;
  }

  /** Whether `size` more bytes of log, in `count` records, can be taken. */
  admit(size: number, count: number): boolean {
    if (this.#queuesFull !== undefined || this.#indexFull !== undefined) return false;
    return this.guard.admit(size + count * DERIVED_BYTES);
  }

  /** Runs what writes consume queues: for want of room messages are refused until it works again. */
  guardQueues(task: () => void): void {
    try {
      task();
      this.#queuesFull = undefined;
    } catch (error) {
      this.#queuesFull = this.#derivedFailed('consume queues', error);
    }
  }

  /**
   * The index could not be written.
   * @param missed puts keys into it that it lacks now: called again when there is room
   */
  indexFailed(error: unknown, missed: readonly (() => void)[] = []): void {
    this.#missed.push(...missed);
    this.#indexFull = this.#derivedFailed('index', error);
  }

  /** The index can be written again. */
  #indexMissed(): void {
    this.#indexFull = undefined;
    if (this.#missed.length === 0) return;
    const missed = this.#missed;
    this.#missed = [];
    for (const [i, index] of missed.entries()) {
      try {
        index();
      } catch (error) {
        this.indexFailed(error, missed.slice(i));
        return;
      }
    }
    // They are in memory: the round that has just ended did not write them.
    this.#sync.request();
  }

  /**
   * What consume queues and index hold can be built again, so that a full disk only stops the taking of messages. Any
   * other failure means that the disk cannot be trusted.
   */
  #derivedFailed(what: string, error: unknown): string {
    const { config, log, logger } = this.#parts;
    const failure = storeError(`cannot write ${what} under`, config.storePathRootDir, error);
    if (isDiskFull(error)) logger.warn(`messages are refused: ${failure.message}`);
    else log.fail(failure);
    return failure.message;
  }

  /** Writes and flushes queues, index and checkpoint; at shutdown, when all else has ended. */
  async writeEverything(): Promise<void> {
    const { queues, checkpoint, log, index } = this.#parts;
    this.guardQueues(() => queues.writeAll());
    this.#sync.request();
    await this.#sync.idle();
    if (log.failure || this.incomplete) return;
    const newest = Math.max(log.writtenTimestamp, checkpoint.logicsMsgTimestamp);
    checkpoint.physicMsgTimestamp = checkpoint.logicsMsgTimestamp = newest;
    checkpoint.indexMsgTimestamp = Math.max(
      checkpoint.indexMsgTimestamp,
      index?.files.at(-1)?.endTimestamp ?? 0,
    );
  }

  /** Whether consume queues and index could not be written. */
  get incomplete(): boolean {
    return this.#queuesFull !== undefined || this.#indexFull !== undefined;
  }

  #every(period: number, task: () => void, first = period): void {
    this.#timers.push(scheduleEvery(this.#parts.clock, first, period, task));
  }

  #writeQueues(): void {
    const { clock, queues, log, commit } = this.#parts;
    this.#slice = undefined;
    if (log.failure) return;
    commit();
    let more = false;
    if (!log.failure) this.guardQueues(() => (more = queues.writeSlice()));
    if (more) {
      this.#slice = clock.schedule(SLICE_INTERVAL, () => this.#writeQueues());
      return;
    }
    // A finished file is what recovery can skip, once queues and index have it for certain.
    const finished = (log.segments.at(-1)?.base ?? -1) !== this.#syncedSegment;
    if (finished || this.#indexFull !== undefined) this.#syncDerived();
  }

  #syncDerived(): void {
    const { log, commit } = this.#parts;
    if (log.failure) return;
    commit();
    this.#syncedSegment = log.segments.at(-1)?.base ?? -1;
    if (!log.failure) this.#sync.request();
  }

  #writeCheckpoint(): void {
    const { checkpoint, log } = this.#parts;
    if (log.failure || this.#checkpointing) return;
    const failed = (error: unknown): void => void this.#derivedFailed('checkpoint', error);
    this.#checkpointing = new Promise<void>((resolve, reject) => {
      checkpoint.flush((error) => (error ? reject(error) : resolve()));
    })
      // For want of room it stays as it was: recovery then goes further back than it need.
      .catch(failed)
      .finally(() => (this.#checkpointing = undefined));
  }

  #guarded(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#derivedFailed('what is left', error);
    }
  }
}
