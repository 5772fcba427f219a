import path from 'node:path';
import { hashOfText } from '../commit-log/property-scan.ts';
import type { FileSystem } from '../files/file-system.ts';
import { OpenFiles } from '../files/open-files.ts';
import { ConsumeQueue, FULL_UNITS, type QueueEnvironment } from './consume-queue.ts';
import { loadConsumeQueue } from './load-consume-queue.ts';

const OPEN_FILES = 256;
const TAIL_BUDGET = 16 * 1024 * 1024;
/** What one slice of writing may take of the event loop; a queue's first file takes far longer than another entry. */
const SLICE_MS = 4;

/** The queues of a topic, and what every append to it needs. */
export interface TopicQueues {
  readonly topic: string;
  readonly bytes: Buffer;
  /** Java's hash of `topic#`, from which the hash of an index key goes on. */
  readonly keyPrefixHash: number;
  readonly queues: Map<number, ConsumeQueue>;
}

/** All consume queues of a store. */
export class ConsumeQueues {
  readonly directory: string;
  readonly topics = new Map<string, TopicQueues>();
  readonly #env: QueueEnvironment;
  /** Queues with entries that are not in their files, the longest waiting first. */
  readonly #dirty = new Set<ConsumeQueue>();
  #full: ConsumeQueue[] = [];

  constructor(directory: string, fileSize: number, fs: FileSystem) {
    this.directory = directory;
    this.#env = {
      fs,
      files: new OpenFiles(fs, OPEN_FILES),
      fileSize,
      tailBytes: 0,
      unsynced: new Set(),
      tailBudget: TAIL_BUDGET,
    };
  }

  /** Finds all queues on the disk. @throws RocketMQError `STORE` when a file has a wrong size */
  load(extendShort: boolean): void {
    const { fs } = this.#env;
    for (const topic of fs.list(this.directory)) {
      const topicDirectory = path.join(this.directory, topic);
      if (!fs.status(topicDirectory)?.directory) continue;
      for (const name of fs.list(topicDirectory)) {
        const directory = path.join(topicDirectory, name);
        if (!/^\d{1,10}$/.test(name) || !fs.status(directory)?.directory) continue;
        loadConsumeQueue(this.queue(this.topic(topic), Number(name)), this.#env, extendShort);
      }
    }
  }

  topic(topic: string): TopicQueues {
    let known = this.topics.get(topic);
    if (!known) {
      known = { topic, bytes: Buffer.from(topic), keyPrefixHash: hashOfText(`${topic}#`), queues: new Map() };
      this.topics.set(topic, known);
    }
    return known;
  }

  /** The queue, created in memory if it is new. */
  queue(topic: TopicQueues, queueId: number): ConsumeQueue {
    let queue = topic.queues.get(queueId);
    if (!queue) {
      const directory = path.join(this.directory, topic.topic, String(queueId));
      queue = new ConsumeQueue(topic.topic, queueId, directory, this.#env);
      topic.queues.set(queueId, queue);
    }
    return queue;
  }

  find(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.topics.get(topic)?.queues.get(queueId);
  }

  *all(): Generator<ConsumeQueue> {
    for (const topic of this.topics.values()) yield* topic.queues.values();
  }

  append(
    queue: ConsumeQueue,
    physicalOffset: number,
    size: number,
    tagsCode: number,
    storeTimestamp: number,
  ): void {
    if (queue.dirtySince === 0) this.#dirty.add(queue);
    queue.append(physicalOffset, size, tagsCode, storeTimestamp);
    if (queue.unwritten === FULL_UNITS) this.#full.push(queue);
  }

  /** Writes the queues that have gathered a good deal. Throws the file system's error; what is left stays to be written. */
  writeFull(): void {
    if (this.#full.length === 0) return;
    const full = this.#full;
    this.#full = [];
    // One that fails stays among the dirty ones.
    for (const queue of full) this.#write(queue);
  }

  /** Writes a slice of the waiting queues. @returns true when more are left */
  writeSlice(): boolean {
    const end = performance.now() + SLICE_MS;
    for (const queue of this.#dirty) {
      if (performance.now() > end) return true;
      this.#write(queue);
    }
    return false;
  }

  writeAll(): void {
    for (const queue of this.#dirty) this.#write(queue);
  }

  /** The store timestamp of the oldest entry that is not in its file; 0 when all are. */
  get dirtySince(): number {
    for (const queue of this.#dirty) return queue.dirtySince;
    return 0;
  }

  /** What the waiting entries will take of the disk, in whole blocks. */
  get pendingBytes(): number {
    return this.#dirty.size * 4096;
  }

  /** The files written since the last call. */
  takeUnsynced(): string[] {
    const taken = [...this.#env.unsynced];
    this.#env.unsynced.clear();
    return taken;
  }

  /** The files taken could not be synced: they stay to be. */
  putBackUnsynced(files: readonly string[]): void {
    for (const file of files) this.#env.unsynced.add(file);
  }

  /** Cuts every queue behind the end of the log. */
  truncate(physicalOffset: number): void {
    for (const queue of this.all())
      if (queue.maxPhysicalEnd > physicalOffset) this.truncateQueue(queue, physicalOffset);
  }

  truncateQueue(queue: ConsumeQueue, physicalOffset: number): void {
    queue.truncate(physicalOffset);
    if (queue.unwritten === 0) this.#dirty.delete(queue);
  }

  /** Makes a queue begin again at `offset`, empty. */
  reset(queue: ConsumeQueue, offset: number): void {
    queue.endAt(0);
    queue.position(offset, offset);
    this.#dirty.delete(queue);
  }

  /** Forgets a topic and removes its files. */
  remove(topic: string): void {
    const found = this.topics.get(topic);
    if (!found) return;
    for (const queue of found.queues.values()) this.#forget(queue);
    this.topics.delete(topic);
    this.#env.fs.removeTree(path.join(this.directory, topic));
  }

  removeAll(): void {
    for (const topic of this.topics.keys()) this.remove(topic);
  }

  close(): void {
    this.#env.files.closeAll();
    this.topics.clear();
    this.#dirty.clear();
  }

  #forget(queue: ConsumeQueue): void {
    queue.release();
    this.#dirty.delete(queue);
    this.#full = this.#full.filter((other) => other !== queue);
  }

  #write(queue: ConsumeQueue): void {
    queue.write();
    this.#dirty.delete(queue);
  }
}
