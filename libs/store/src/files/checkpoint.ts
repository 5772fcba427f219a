import { readInt64, writeInt64 } from '@nest-rocketmq/protocol';
import type { FileSystem } from './file-system.ts';

const CHECKPOINT_SIZE = 4096;
/** What RocketMQ takes off, so that a timestamp shared by several records does no harm. */
const MARGIN_MS = 3000;

/** The file that tells recovery how far things were on the disk (StoreCheckpoint). Times are store timestamps. */
export class Checkpoint {
  physicMsgTimestamp = 0;
  logicsMsgTimestamp = 0;
  indexMsgTimestamp = 0;
  readonly #path: string;
  readonly #fs: FileSystem;
  readonly #bytes = Buffer.alloc(CHECKPOINT_SIZE);
  #fd = -1;

  constructor(path: string, fs: FileSystem) {
    this.#path = path;
    this.#fs = fs;
  }

  /** Opens the file, creating it; what is missing of it reads as 0. */
  load(): void {
    this.#fd = this.#fs.open(this.#path, 'c+');
    const length = this.#fs.read(this.#fd, this.#bytes, 0, CHECKPOINT_SIZE, 0);
    if (length < CHECKPOINT_SIZE) this.#fs.truncate(this.#fd, CHECKPOINT_SIZE);
    this.physicMsgTimestamp = readInt64(this.#bytes, 0);
    this.logicsMsgTimestamp = readInt64(this.#bytes, 8);
    this.indexMsgTimestamp = readInt64(this.#bytes, 16);
  }

  /** Log and consume queues are complete up to here. */
  get minTimestamp(): number {
    const min = Math.min(this.physicMsgTimestamp, this.logicsMsgTimestamp);
    return Math.max(0, min - MARGIN_MS);
  }

  /** The index too. */
  get minTimestampIndex(): number {
    return Math.min(this.minTimestamp, this.indexMsgTimestamp);
  }

  /** Writes the three times, leaving what else is in the file. Throws the file system's error. */
  write(): void {
    writeInt64(this.#bytes, this.physicMsgTimestamp, 0);
    writeInt64(this.#bytes, this.logicsMsgTimestamp, 8);
    writeInt64(this.#bytes, this.indexMsgTimestamp, 16);
    this.#fs.write(this.#fd, this.#bytes, 0, 24, 0);
  }

  /** Makes it durable, in the thread pool. */
  flush(done: (error: Error | null) => void): void {
    this.write();
    this.#fs.fdatasync(this.#fd, done);
  }

  /** As {@link flush}, blocking: at shutdown. */
  flushSync(): void {
    this.write();
    this.#fs.fdatasyncSync(this.#fd);
  }

  close(): void {
    if (this.#fd >= 0) this.#fs.close(this.#fd);
    this.#fd = -1;
  }
}
