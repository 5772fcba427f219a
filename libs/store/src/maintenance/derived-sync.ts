import type { CommitLog } from '../commit-log/commit-log.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { Checkpoint } from '../files/checkpoint.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { IndexFile } from '../index-file/index-file.ts';
import type { IndexFiles } from '../index-file/index-files.ts';

/** Threads of the pool that it may take; the commit log's flush needs one too. */
const AT_ONCE = 2;

export interface DerivedSyncParts {
  fs: FileSystem;
  log: CommitLog;
  queues: ConsumeQueues;
  index: IndexFiles | undefined;
  checkpoint: Checkpoint;
  onDone: () => void;
  onError: (error: unknown) => void;
}

/**
 * Makes consume queues and index durable and moves the checkpoint, so that recovery need not go further back. Runs in
 * the background, a few files at a time. Of the index the header is written last, when what it speaks of is on the disk.
 */
export class DerivedSync {
  readonly #parts: DerivedSyncParts;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(parts: DerivedSyncParts) {
    this.#parts = parts;
  }

  /**
   * Starts a round. One that is under way may have begun before what it is asked for was written: another follows it.
   * Everything appended must be written to the log.
   */
  request(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#running = this.#round()
      .then(this.#parts.onDone, (error: unknown) => {
        // What failed is not repeated before somebody asks for it anew.
        this.#again = false;
        this.#parts.onError(error);
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#again && !this.#parts.log.failure) this.request();
      });
  }

  /** Resolves when no round is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #round(): Promise<void> {
    const { log, queues, index, checkpoint } = this.#parts;
    const waiting = queues.dirtySince;
    const timestamp = waiting === 0 ? log.writtenTimestamp : waiting - 1;
    const headers = index ? this.#writeIndex(index) : [];
    const files = queues.takeUnsynced();
    try {
      await this.#syncFiles(files);
    } catch (error) {
      // Or a later round would count them as synced.
      queues.putBackUnsynced(files);
      throw error;
    }
    for (const { file } of headers) await this.#sync(file.fd);
    if (index) {
      const synced = headers.at(-1)?.header;
      // Without a header to write the index is as complete as the log is.
      checkpoint.indexMsgTimestamp = Math.max(
        synced ? endOf(synced) : timestamp,
        checkpoint.indexMsgTimestamp,
      );
      // Before the headers: an index file that is newer than the checkpoint doesn't outlive a crash.
      if (synced) await this.#flushCheckpoint();
    }
    for (const { file, header } of headers) {
      file.writeHeader(header);
      await this.#sync(file.fd);
    }
    // After the headers: until they are written, recovery has to find the keys that they lack.
    checkpoint.logicsMsgTimestamp = Math.max(timestamp, checkpoint.logicsMsgTimestamp);
  }

  #writeIndex(index: IndexFiles): { file: IndexFile; header: Buffer }[] {
    return index.files
      .filter((file) => file.changed)
      .map((file) => {
        const header = file.header();
        file.writeEntries();
        file.writeSlots();
        return { file, header };
      });
  }

  async #syncFiles(files: readonly string[]): Promise<void> {
    const rest = files.values();
    const worker = async (): Promise<void> => {
      for (const file of rest) await this.#syncFile(file);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async #syncFile(path: string): Promise<void> {
    const { fs } = this.#parts;
    // Deleted meanwhile, with its topic or by age: nothing to keep.
    if (!fs.status(path)) return;
    const fd = fs.open(path, 'r+');
    try {
      await this.#sync(fd);
    } finally {
      fs.close(fd);
    }
  }

  #flushCheckpoint(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.checkpoint.flush((error) => (error ? reject(error) : resolve()));
    });
  }

  #sync(fd: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function endOf(header: Buffer): number {
  return Number(header.readBigInt64BE(8));
}
