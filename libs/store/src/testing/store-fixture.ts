import { encodeHost, encodeProperties, decodeRecords, type MessageRecord } from '@nest-rocketmq/protocol';
import { ManualClock, type RocketMQError } from '@nest-rocketmq/runtime';
import { AppendMessage, type AppendResult } from '../append-message.ts';
import { MessageStore } from '../message-store.ts';
import { Selection } from '../read/selection.ts';
import type { PageCache } from '../files/file-system.ts';
import type { RecoveryReport } from '../recovery/recovery.ts';
import type { StoreConfig } from '../store-config.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

/** Files small enough that a test reaches their ends. */
export const SMALL_FILES: Partial<StoreConfig> = {
  storePathRootDir: '/store',
  mappedFileSizeCommitLog: 8192,
  mappedFileSizeConsumeQueue: 400,
  maxHashSlotNum: 1100,
  maxIndexNum: 300,
};

export const BORN_HOST = encodeHost('10.1.2.3', 45678);
export const STORE_HOST = encodeHost('10.9.8.7', 10911);
/** What a record needs besides body, topic and properties, with IPv4 hosts. */
export const RECORD_OVERHEAD = 91;

/** A store in memory, and what it reported. */
export class StoreFixture {
  readonly fs: MemoryFileSystem;
  clock: ManualClock;
  readonly config: Partial<StoreConfig>;
  store: MessageStore;
  report: RecoveryReport | undefined;
  fatal: RocketMQError[] = [];
  progress: [number, number][] = [];
  arrivals: {
    topic: string;
    queueId: number;
    maxOffset: number;
    tagsCode: number;
    storeTimestamp: number;
  }[] = [];

  private constructor(config: Partial<StoreConfig>, fs: MemoryFileSystem, clock: ManualClock) {
    this.config = { ...SMALL_FILES, ...config };
    this.fs = fs;
    this.clock = clock;
    this.store = this.#create();
  }

  /** Not loaded yet. */
  static create(config: Partial<StoreConfig> = {}, pageCache?: PageCache): StoreFixture {
    const clock = new ManualClock();
    const fs = new MemoryFileSystem(() => fixture.clock.now());
    if (pageCache) fs.pageCache = pageCache;
    const fixture: StoreFixture = new StoreFixture(config, fs, clock);
    return fixture;
  }

  static async open(config: Partial<StoreConfig> = {}, pageCache?: PageCache): Promise<StoreFixture> {
    const fixture = StoreFixture.create(config, pageCache);
    await fixture.load();
    return fixture;
  }

  async load(): Promise<RecoveryReport> {
    this.report = await this.store.load();
    this.store.start();
    return this.report;
  }

  /** A new store on the same files, `laterMs` later, as the next process sees them; the old one is simply gone. */
  async restart(laterMs = 0): Promise<RecoveryReport> {
    this.fs.kill();
    this.clock = new ManualClock(this.clock.now() + laterMs);
    this.store = this.#create();
    return await this.load();
  }

  /** As {@link restart}, after a stop in good order. */
  async restartCleanly(laterMs = 0): Promise<RecoveryReport> {
    await this.store.shutdown();
    return await this.restart(laterMs);
  }

  message(
    topic: string,
    queueId: number,
    body: string | Buffer,
    properties: Record<string, string> = {},
  ): AppendMessage {
    const message = new AppendMessage();
    message.topic = topic;
    message.queueId = queueId;
    message.bornTimestamp = this.clock.now() - 5;
    message.bornHost = BORN_HOST;
    message.storeHost = STORE_HOST;
    return message.content(Buffer.from(body), encodeProperties(new Map(Object.entries(properties))));
  }

  /** Appends without committing; a copy of the result. */
  append(
    topic: string,
    queueId: number,
    body: string | Buffer,
    properties?: Record<string, string>,
  ): AppendResult {
    const result = this.store.append(this.message(topic, queueId, body, properties));
    return { ...result, physicalOffsets: [...result.physicalOffsets] };
  }

  send(
    topic: string,
    queueId: number,
    body: string | Buffer,
    properties?: Record<string, string>,
  ): AppendResult {
    const result = this.append(topic, queueId, body, properties);
    this.store.commit();
    return result;
  }

  /** All readable messages of a queue, pulled from its beginning. */
  pull(topic: string, queueId: number, from?: number): MessageRecord[] {
    const records: MessageRecord[] = [];
    const selection = new Selection();
    let offset = from ?? this.store.getMinOffset(topic, queueId);
    for (;;) {
      this.store.select({ topic, queueId, offset, maxNums: 32 }, selection);
      const again = selection.status === 'MESSAGE_WAS_REMOVING' || selection.status === 'NO_MATCHED_MESSAGE';
      if (selection.status === 'FOUND') {
        const bytes = Buffer.alloc(selection.bytes);
        if (this.store.read(selection, bytes, 0)) records.push(...decodeRecords(bytes));
      } else if (!again) {
        return records;
      }
      offset = selection.nextBeginOffset;
    }
  }

  bodies(topic: string, queueId: number): string[] {
    return this.pull(topic, queueId).map((record) => record.body.toString());
  }

  /** Lets callbacks of the file system, and what waits for them, run. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  #create(): MessageStore {
    const store = new MessageStore(this.config, {
      fileSystem: this.fs,
      clock: this.clock,
      onFatal: (error) => this.fatal.push(error),
    });
    store.onProgress((written, flushed) => this.progress.push([written, flushed]));
    store.onArrival((topic, queueId, maxOffset, tagsCode, storeTimestamp) => {
      this.arrivals.push({ topic, queueId, maxOffset, tagsCode, storeTimestamp });
    });
    return store;
  }
}
