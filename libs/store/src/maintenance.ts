import { type Clock, type Logger, scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import type { CommitLog } from './commit-log/commit-log.ts';
import type { LogFlusher } from './commit-log/log-flusher.ts';
import type { ConsumeQueues } from './consume-queue/consume-queues.ts';
import type { Checkpoint } from './files/checkpoint.ts';
import type { FileSystem } from './files/file-system.ts';
import type { IndexFiles } from './index-file/index-files.ts';
import type { StoreConfig } from './store-config.ts';
import { isDiskFull, storeError } from './store-error.ts';

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
const SLICE_INTERVAL = 100;
const CHECKPOINT_INTERVAL = 1000;

/** The store's background work: flushing, writing consume queues and index, the checkpoint. */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  #timers: Scheduled[] = [];
  /** Set while consume queues or index cannot be written. */
  #derivedFull: string | undefined;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  start(): void {
    const { config, clock, flusher } = this.#parts;
    const every = (period: number, task: () => void): void => {
      this.#timers.push(scheduleEvery(clock, period, period, task));
    };
    every(config.flushIntervalCommitLog, () => flusher.request());
    every(SLICE_INTERVAL, () => this.#writeQueues());
    every(CHECKPOINT_INTERVAL, () => this.#writeCheckpoint());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /** Why messages are refused; undefined when they are not. */
  get refusal(): string | undefined {
    return this.#derivedFull;
  }

  /** Whether `size` more bytes of log, in `count` records, can be taken. */
  admit(_size: number, _count: number): boolean {
    return this.#derivedFull === undefined;
  }

  /** Runs what writes consume queues or index: for want of room messages are refused until it works again. */
  guardDerived(task: () => void): void {
    try {
      task();
      this.#derivedFull = undefined;
    } catch (error) {
      this.derivedFailed(error);
    }
  }

  derivedFailed(error: unknown): void {
    const { config, log } = this.#parts;
    const failure = storeError('consume queue or index under', config.storePathRootDir, error);
    if (isDiskFull(error)) this.#derivedFull = failure.message;
    else log.fail(failure);
  }

  /** Blocking, at shutdown. */
  writeEverything(): void {
    const { queues, index, checkpoint, flusher, fs } = this.#parts;
    queues.writeAll();
    for (const queue of queues.takeUnsynced()) {
      const file = queues.newestFile(queue);
      if (!file) continue;
      fs.fdatasyncSync(file.fd);
      fs.close(file.fd);
    }
    index?.writeAll();
    checkpoint.physicMsgTimestamp = flusher.flushedTimestamp || checkpoint.physicMsgTimestamp;
    checkpoint.logicsMsgTimestamp = checkpoint.physicMsgTimestamp;
    checkpoint.indexMsgTimestamp = index?.files.at(-1)?.endTimestamp ?? checkpoint.indexMsgTimestamp;
  }

  runtimeInfo(): Map<string, string> {
    return new Map();
  }

  #writeQueues(): void {
    const { queues, log, commit } = this.#parts;
    commit();
    if (log.failure) return;
    this.guardDerived(() => void queues.writeSlice());
  }

  #writeCheckpoint(): void {
    const { checkpoint, log } = this.#parts;
    if (log.failure) return;
    this.guardDerived(() => checkpoint.write());
  }
}
