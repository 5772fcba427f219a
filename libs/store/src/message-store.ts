import type { BatchPart } from '@nest-rocketmq/protocol';
import { type Clock, type Logger, RocketMQError, silentLogger, systemClock } from '@nest-rocketmq/runtime';
import path from 'node:path';
import type { AppendMessage, AppendResult } from './append-message.ts';
import { Appender } from './commit-log/appender.ts';
import { CommitLog } from './commit-log/commit-log.ts';
import { LogFlusher } from './commit-log/log-flusher.ts';
import { PageWarmer } from './commit-log/page-warmer.ts';
import { ConsumeQueues } from './consume-queue/consume-queues.ts';
import { type ArrivalListener, DispatchJournal } from './dispatch-journal.ts';
import { Dispatcher } from './dispatcher.ts';
import { Checkpoint } from './files/checkpoint.ts';
import type { FileSystem } from './files/file-system.ts';
import { nodeFileSystem } from './files/node-file-system.ts';
import { IndexFiles } from './index-file/index-files.ts';
import { Maintenance } from './maintenance/maintenance.ts';
import { storeRuntimeInfo } from './runtime-info.ts';
import { KeyQuery, type KeyQueryResult } from './read/key-query.ts';
import { MessageReader } from './read/message-reader.ts';
import type { KeptRecords } from './read/recent-pulls.ts';
import { QueueReader, type BoundaryType, type QueueEntry } from './read/queue-reader.ts';
import type { PropertiesView } from './read/record-properties.ts';
import type { PullQuery, Selection } from './read/selection.ts';
import { createDirectories, openFiles } from './recovery/open-files.ts';
import type { RecoveryReport } from './recovery/recovery.ts';
import { type StoreConfig, storeConfigOf } from './store-config.ts';
import { storeError } from './store-error.ts';
import type { StoreLock } from './store-lock.ts';
import type { ProgressListener, StoreParts } from './store-parts.ts';

type State = 'new' | 'loaded' | 'running' | 'closed';

/**
 * The message store, in RocketMQ's files (DefaultMessageStore): appending, reading, flushing, recovery and clean-up.
 *
 * Appending is synchronous and collects a tick's messages; {@link commit}, at the tick's end, writes them with one call,
 * makes them readable and reports the progress. Under SYNC_FLUSH messages become readable when they are flushed.
 */
export class MessageStore {
  readonly config: StoreConfig;
  readonly #fs: FileSystem;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lock: StoreLock | undefined;
  readonly #onFatal: ((error: RocketMQError) => void) | undefined;
  readonly #log: CommitLog;
  readonly #flusher: LogFlusher;
  readonly #queues: ConsumeQueues;
  readonly #index: IndexFiles | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #journal = new DispatchJournal();
  readonly #checkpoint: Checkpoint;
  readonly #appender: Appender;
  readonly #reader: MessageReader;
  readonly #queueReader: QueueReader;
  readonly #keyQuery: KeyQuery;
  readonly #maintenance: Maintenance;
  readonly #progress: ProgressListener[] = [];
  #arrival: ArrivalListener | undefined;
  #arrivals: ArrivalListener[] = [];
  #state: State = 'new';
  readonly #sync: boolean;
  #reported = 0;
  /** Where the log ended when it was loaded. */
  #recovered = 0;

  constructor(config: Partial<StoreConfig> = {}, parts: StoreParts = {}) {
    this.config = storeConfigOf(config);
    this.#fs = parts.fileSystem ?? nodeFileSystem;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    this.#lock = parts.lock;
    this.#onFatal = parts.onFatal;
    const { storePathRootDir: root, storePathCommitLog, mappedFileSizeCommitLog } = this.config;
    this.#sync = this.config.flushDiskType === 'SYNC_FLUSH';
    const { pageCache } = this.#fs;
    this.#log = new CommitLog(
      storePathCommitLog,
      mappedFileSizeCommitLog,
      this.#fs,
      (error) => this.#failed(error),
      // Where every write is followed by a flush, work of another thread beside it costs more than it gains.
      this.#sync || !pageCache ? undefined : new PageWarmer(pageCache),
    );
    this.#flusher = new LogFlusher(this.#log, this.#fs, () => this.#afterFlush());
    const queues = path.join(root, 'consumequeue');
    this.#queues = new ConsumeQueues(queues, this.config.mappedFileSizeConsumeQueue, this.#fs);
    const shape = { hashSlotNum: this.config.maxHashSlotNum, indexNum: this.config.maxIndexNum };
    if (this.config.messageIndexEnable) {
      this.#index = new IndexFiles(path.join(root, 'index'), shape, this.#fs, this.#clock);
    }
    this.#dispatcher = new Dispatcher(this.#index, this.config.messageDelayLevel);
    this.#checkpoint = new Checkpoint(path.join(root, 'checkpoint'), this.#fs);
    this.#maintenance = new Maintenance({
      config: this.config,
      fs: this.#fs,
      clock: this.#clock,
      logger: this.#logger,
      log: this.#log,
      flusher: this.#flusher,
      queues: this.#queues,
      index: this.#index,
      checkpoint: this.#checkpoint,
      commit: () => this.commit(),
    });
    this.#appender = new Appender({
      config: this.config,
      clock: this.#clock,
      log: this.#log,
      queues: this.#queues,
      dispatcher: this.#dispatcher,
      journal: this.#journal,
      maintenance: this.#maintenance,
    });
    this.#reader = new MessageReader(this.#log, this.#queues, this.config, this.#clock, parts.memoryBytes);
    this.#queueReader = new QueueReader(this.#log, this.#queues);
    this.#keyQuery = new KeyQuery(this.#index, this.#queueReader);
  }

  /**
   * Locks the directory, opens its files and recovers them.
   * @throws RocketMQError `STORE` when the directory is locked by another process, a file has a wrong size or is
   *   missing, or cannot be read
   */
  async load(): Promise<RecoveryReport> {
    this.#expect('new', 'load');
    const root = this.config.storePathRootDir;
    createDirectories(this.config, this.#fs);
    await this.#lock?.acquire(root);
    try {
      const report = openFiles({
        config: this.config,
        fs: this.#fs,
        logger: this.#logger,
        log: this.#log,
        queues: this.#queues,
        index: this.#index,
        dispatcher: this.#dispatcher,
        checkpoint: this.#checkpoint,
        maintenance: this.#maintenance,
      });
      for (const offset of report.damaged) this.#reader.markDamaged(offset);
      this.#queueReader.correctMinOffsets();
      this.#appender.resume(report.lastTimestamp);
      if (report.clean) this.#flusher.flushedOffset = report.endOffset;
      // What kill -9 left in the page cache is readable at once: it must not go with the power any more.
      else if (this.#sync) this.#flusher.flushSync(report.startOffset);
      this.#recovered = report.endOffset;
      this.#state = 'loaded';
      return report;
    } catch (error) {
      await this.#closeFiles();
      if (error instanceof RocketMQError) throw error;
      throw storeError('cannot load the store', root, error);
    }
  }

  /** Starts the background work: flushing, clean-up, checkpoints. */
  start(): void {
    this.#expect('loaded', 'start');
    this.#state = 'running';
    this.#maintenance.start();
    // Of what a crash left behind, too.
    this.#flusher.request();
  }

  /** Writes and flushes everything, and closes the files. Calling it again does nothing. */
  async shutdown(): Promise<void> {
    if (this.#state === 'closed') return;
    const running = this.#state !== 'new';
    if (running) this.commit();
    this.#state = 'closed';
    if (!running) return;
    await this.#maintenance.stop();
    await this.#flusher.drain();
    try {
      if (!this.#log.failure) {
        await this.#maintenance.writeEverything();
        this.#checkpoint.flushSync();
        // Left behind, it makes the next start look closely.
        if (!this.#log.failure && !this.#maintenance.incomplete) {
          this.#fs.remove(path.join(this.config.storePathRootDir, 'abort'));
        }
      }
    } finally {
      await this.#closeFiles();
    }
  }

  async #closeFiles(): Promise<void> {
    await this.#log.close();
    this.#queues.close();
    this.#index?.close();
    this.#checkpoint.close();
    await this.#lock?.release();
  }

  /**
   * Puts a message behind the others of this tick. Nothing is durable before the progress has reached the result's
   * `endOffset`. The result is reused by the next call.
   */
  append(message: AppendMessage): AppendResult {
    return this.#state === 'running' || this.#state === 'loaded'
      ? this.#appender.append(message)
      : this.#appender.refuse('SERVICE_NOT_AVAILABLE');
  }

  /**
   * Puts the messages of a batch, all or none, as consecutive records with consecutive logical offsets. The properties
   * of `message` are appended to each message's own; its body is not used.
   */
  appendBatch(message: AppendMessage, parts: readonly BatchPart[]): AppendResult {
    return this.#state === 'running' || this.#state === 'loaded'
      ? this.#appender.appendBatch(message, parts)
      : this.#appender.refuse('SERVICE_NOT_AVAILABLE');
  }

  /** Writes what was appended since the last commit, makes it readable, and reports it. To be called at a tick's end. */
  commit(): void {
    const log = this.#log;
    if (log.failure) return;
    const before = log.writtenOffset;
    if (log.staging.length === 0 && this.#reported === before) return;
    if (!log.write()) return;
    this.#maintenance.guardQueues(() => this.#queues.writeFull());
    this.#report();
    this.#flushNext();
  }

  #report(): void {
    this.#reported = this.#log.writtenOffset;
    const count = this.#journal.publish(this.#readable);
    for (const listener of this.#progress) listener(this.#log.writtenOffset, this.#flusher.flushedOffset);
    this.#journal.take(count, this.#arrival);
  }

  #afterFlush(): void {
    this.#checkpoint.physicMsgTimestamp = this.#flusher.flushedTimestamp;
    this.#report();
    this.#flushNext();
  }

  #flushNext(): void {
    if (this.#sync) this.#flusher.request();
    else this.#flusher.requestIfMuch();
  }

  /** Flushes what is written, in the background; {@link onProgress} tells when. */
  requestFlush(): void {
    this.#flusher.request();
  }

  onProgress(listener: ProgressListener): void {
    this.#progress.push(listener);
  }

  /** Called for every message once it is readable, in log order. */
  onArrival(listener: ArrivalListener): void {
    this.#arrivals.push(listener);
    const [first, ...others] = this.#arrivals;
    this.#arrival =
      others.length === 0
        ? first
        : (topic, queueId, maxOffset, tagsCode, storeTimestamp) => {
            // By index and name: for each message, no list is made.
            for (let i = 0; i < this.#arrivals.length; i++)
              this.#arrivals[i]?.(topic, queueId, maxOffset, tagsCode, storeTimestamp);
          };
  }

  /** Everything before it survives kill -9. */
  get writtenOffset(): number {
    return this.#log.writtenOffset;
  }

  /** Everything before it survives a power loss. */
  get flushedOffset(): number {
    return this.#flusher.flushedOffset;
  }

  /** Where the log begins: older files are deleted. */
  get minPhysicalOffset(): number {
    return this.#log.minOffset;
  }

  /** Looks up which messages a pull gets. Of the messages themselves nothing is read but what `matchesProperties` needs. */
  select(query: PullQuery, into?: Selection): Selection {
    return this.#reader.select(query, into);
  }

  /** The selected records as they are, where they are at hand; see {@link MessageReader.lend}. */
  lend(selection: Selection): KeptRecords | undefined {
    return this.#reader.lend(selection);
  }

  /** Copies the selected records to `target[at]`; see {@link MessageReader.read}. */
  read(selection: Selection, target: Buffer, at: number): boolean {
    return this.#reader.read(selection, target, at);
  }

  /** The first logical offset that is still there; 0 for an unknown queue. */
  getMinOffset(topic: string, queueId: number): number {
    return this.#queues.find(topic, queueId)?.minOffset ?? 0;
  }

  /** The logical offset of the next message to become readable; 0 for an unknown queue. */
  getMaxOffset(topic: string, queueId: number): number {
    return this.#queues.find(topic, queueId)?.readable ?? 0;
  }

  /** The first message stored at `timestamp` or later (LOWER), or the last stored at it or before (UPPER). */
  getOffsetByTime(
    topic: string,
    queueId: number,
    timestamp: number,
    boundary: BoundaryType = 'LOWER',
  ): number {
    return this.#queueReader.offsetByTime(topic, queueId, timestamp, boundary);
  }

  /** When a message was stored; -1 when it is not there. */
  getStoreTime(topic: string, queueId: number, offset: number): number {
    return this.#queueReader.storeTime(topic, queueId, offset);
  }

  /** When the first message that is still there was stored; -1 for an empty queue. */
  getEarliestStoreTime(topic: string, queueId: number): number {
    return this.#queueReader.storeTime(topic, queueId, this.getMinOffset(topic, queueId));
  }

  /** Whether a message is taken to be in the page cache. */
  isInMemory(topic: string, queueId: number, offset: number): boolean {
    const entry = this.queueEntry(topic, queueId, offset);
    return entry !== undefined && this.#reader.inMemory(entry.physicalOffset);
  }

  /** The consume queue entry of a readable message. */
  queueEntry(topic: string, queueId: number, offset: number): QueueEntry | undefined {
    return this.#queueReader.entry(topic, queueId, offset);
  }

  /** The properties of a readable message, read without its body: good until the next call of this or {@link select}. */
  properties(topic: string, queueId: number, offset: number): PropertiesView | undefined {
    const entry = this.queueEntry(topic, queueId, offset);
    return entry && this.#reader.properties(queueId, offset, entry.physicalOffset, entry.size);
  }

  /** The record that starts at `physicalOffset`, as a copy; undefined when none starts there. */
  readRecord(physicalOffset: number, size?: number): Buffer | undefined {
    return this.#queueReader.record(physicalOffset, this.#readable, size);
  }

  /** Records of a topic that have a key, newest first; some may only have a key of the same hash. */
  queryByKey(topic: string, key: string, maxNum: number, begin: number, end: number): KeyQueryResult {
    return this.#keyQuery.query(
      topic,
      key,
      Math.min(maxNum, this.config.maxMsgsNumBatch),
      begin,
      end,
      this.#readable,
    );
  }

  /** Removes the topics' queues at once; their messages stay in the log until it ages. */
  deleteTopics(topics: readonly string[]): void {
    this.commit();
    for (const topic of topics) this.#queues.remove(topic);
  }

  *queues(): Generator<{ topic: string; queueId: number }> {
    for (const queue of this.#queues.all()) yield { topic: queue.topic, queueId: queue.queueId };
  }

  /** Whether messages can be stored now. */
  get writeable(): boolean {
    return this.writeRefusal === undefined;
  }

  /** Why messages are refused; undefined when they are not. */
  get writeRefusal(): string | undefined {
    if (this.#state !== 'running' && this.#state !== 'loaded') return 'the store is not running';
    return this.#log.failure?.message ?? this.#maintenance.refusal;
  }

  /** Deletes expired commit log files now, whatever the hour; lasts for the next 20 rounds. */
  deleteExpiredFiles(): void {
    this.#maintenance.cleaner.deleteManually();
  }

  /** RocketMQ's names and texts of the store's part of GET_BROKER_RUNTIME_INFO. */
  runtimeInfo(): Map<string, string> {
    return storeRuntimeInfo(this.#log, this.#maintenance.guard, this.config, this.#fs);
  }

  /** Records that end here or before may be shown. */
  get #readable(): number {
    return this.#sync ? Math.max(this.#flusher.flushedOffset, this.#recovered) : this.#log.writtenOffset;
  }

  #failed(error: RocketMQError): void {
    this.#logger.error(`the store stands still: ${error.message}`, error);
    this.#onFatal?.(error);
  }

  #expect(state: State, call: string): void {
    if (this.#state === state) return;
    throw new RocketMQError(
      'WRONG_STATE',
      `MessageStore.${call}() while the store is ${this.#state}, not ${state}`,
    );
  }
}
