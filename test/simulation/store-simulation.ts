import { decodeBatch, encodeBatch } from '@nest-rocketmq/protocol';
import { ManualClock, RocketMQError } from '@nest-rocketmq/runtime';
import { type FaultyCall, MessageStore, SimulatedFileSystem, type StoreConfig } from '@nest-rocketmq/store';
import { KeptOffsets } from './kept-offsets.ts';
import { MessageMaker } from './message-maker.ts';
import { Broken, Oracle } from './oracle.ts';
import { Random } from './random.ts';
import { QUEUES, StoreReads, TOPICS } from './store-reads.ts';

const PREPARED = 0x4;
const FLUSH_INTERVAL = 500;
const RESERVED_HOURS = 0.02;
const RESERVED_MS = RESERVED_HOURS * 3_600_000;
const CALLS: FaultyCall[] = [
  'write',
  'fdatasync',
  'open',
  'truncate',
  'createSized',
  'rename',
  'makeDirectory',
  'remove',
];

export interface SimulationOptions {
  /** Spoils the disk or the store on purpose: the checks have to see it. */
  sabotage?: (fs: SimulatedFileSystem) => void;
  config?: Partial<StoreConfig>;
  /** Counts messages as acknowledged that were only appended. */
  answerBeforeWrite?: boolean;
  steps?: number;
  /** How many of the last steps a failure tells. Default 25. */
  traced?: number;
}

/** What a run did. */
export interface SimulationReport {
  seed: number;
  messages: number;
  restarts: number;
  powerCuts: number;
  faults: number;
}

/**
 * One run of the message store on a simulated machine, all of it decided by a seed: messages, batches, commits, flushes,
 * pulls, look-ups, consumer offsets, expiry, faults of the disk, and restarts in order, by kill -9 and by power cut. The
 * {@link Oracle} follows, and throws where the store breaks a promise.
 */
export class StoreSimulation {
  readonly #random: Random;
  readonly #options: SimulationOptions;
  readonly #sync: boolean;
  readonly #config: Partial<StoreConfig>;
  readonly #fs: SimulatedFileSystem;
  readonly #oracle: Oracle;
  #clock = new ManualClock();
  #store: MessageStore;
  #fatal = false;
  readonly #maker: MessageMaker;
  readonly #reads: StoreReads;
  readonly #offsets: KeptOffsets;
  #broken: unknown;
  readonly #trace: string[] = [];
  readonly #report: SimulationReport;

  constructor(seed: number, options: SimulationOptions = {}) {
    this.#random = new Random(seed);
    this.#options = options;
    this.#report = { seed, messages: 0, restarts: 0, powerCuts: 0, faults: 0 };
    this.#sync = this.#random.chance(50);
    this.#config = {
      storePathRootDir: '/store',
      flushDiskType: this.#sync ? 'SYNC_FLUSH' : 'ASYNC_FLUSH',
      mappedFileSizeCommitLog: this.#random.pick([4096, 8192, 16_384]),
      mappedFileSizeConsumeQueue: this.#random.pick([200, 400, 4000]),
      maxHashSlotNum: this.#random.pick([7, 300, 1100]),
      maxIndexNum: this.#random.pick([20, 120, 600]),
      maxMessageSize: 3500,
      flushIntervalCommitLog: FLUSH_INTERVAL,
      deleteWhen: '',
      fileReservedTime: RESERVED_HOURS,
      ...options.config,
    };
    this.#fs = new SimulatedFileSystem(
      (bound) => this.#random.below(bound),
      () => this.#clock.now(),
    );
    options.sabotage?.(this.#fs);
    this.#oracle = new Oracle(this.#sync, this.#config.mappedFileSizeCommitLog ?? 0);
    this.#store = this.#create();
    this.#maker = new MessageMaker(this.#random);
    this.#offsets = new KeptOffsets(this.#fs);
    this.#reads = new StoreReads(this.#store, this.#oracle, this.#random);
  }

  /** @throws Error naming the seed, the invariant and the last steps, when one is broken */
  async run(): Promise<SimulationReport> {
    try {
      await this.#load();
      this.#store.start();
      const steps = this.#options.steps ?? 30 + this.#random.below(60);
      for (let i = 0; i < steps; i++) {
        await this.#step();
        if (this.#broken !== undefined) throw this.#broken;
      }
      await this.#restart('stop');
      await this.#stop();
      if (this.#clock.pending > 0 || this.#fs.openCount > 0)
        throw new Broken(
          'bounded',
          `${this.#clock.pending} timers and ${this.#fs.openCount} files are left after the stop`,
        );
      return this.#report;
    } catch (error) {
      const steps = this.#trace.slice(-(this.#options.traced ?? 25)).join('\n  ');
      throw new Error(`SIMULATION_SEED=${this.#report.seed}: ${String(error)}\nafter:\n  ${steps}`, {
        cause: error,
      });
    }
  }

  async #step(): Promise<void> {
    const drawn = this.#random.below(100);
    if (drawn < 26) this.#append();
    else if (drawn < 32) this.#appendBatch();
    else if (drawn < 50) this.#commit();
    else if (drawn < 52) this.#note('flush', () => this.#store.requestFlush());
    else if (drawn < 66) await this.#completeCalls(1 + this.#random.below(3));
    else if (drawn < 74) await this.#passTime(this.#random.below(this.#random.chance(20) ? 5000 : 400));
    else if (drawn < 82) this.#reads.pull();
    else if (drawn < 86) this.#reads.lookUp();
    else if (drawn < 89) this.#keepOffsets();
    else if (drawn < 90) await this.#expire();
    else if (drawn < 92) this.#breakSomething();
    else if (drawn < 93) this.#fillDisk();
    else if (drawn < 95) await this.#restart('stop');
    else if (drawn < 97) await this.#restart('kill');
    else if (drawn < 99) await this.#restart('power');
    else await this.#completeAll();
  }

  #create(): MessageStore {
    this.#fatal = false;
    const store: MessageStore = new MessageStore(this.#config, {
      fileSystem: this.#fs,
      clock: this.#clock,
      onFatal: () => {
        if (this.#store !== store) return;
        this.#fatal = this.#reads.failed = true;
        this.#trace.push('(the store failed)');
        this.#oracle.failed = true;
      },
    });
    store.onProgress((written, flushed) => {
      if (this.#store !== store) return;
      try {
        this.#oracle.progress(written, flushed, this.#clock.now());
      } catch (error) {
        // The store's own code must not catch it.
        this.#broken ??= error;
      }
    });
    return store;
  }

  #note(what: string, task: () => void): void {
    this.#trace.push(what);
    task();
  }

  #append(): void {
    const topic = this.#random.pick(TOPICS);
    const queueId = this.#random.below(QUEUES);
    const half = this.#random.chance(5);
    const key = this.#random.chance(70) ? `u${this.#maker.number}` : '';
    const body = this.#maker.body();
    const message = this.#maker.message(topic, queueId, key, this.#clock.now());
    message.body = body;
    message.bodyEnd = body.length;
    if (half) message.sysFlag = PREPARED;
    const failed = this.#fatal;
    const result = this.#store.append(message);
    this.#trace.push(
      `append ${topic}/${queueId} ${body.length} bytes: ${result.status} ${result.physicalOffset}..${result.endOffset}`,
    );
    if (result.status !== 'PUT_OK') return;
    if (failed) throw new Broken('fail-stop', 'a message was taken after the store had failed');
    this.#report.messages++;
    this.#oracle.appended(
      { topic, queueId, body: body.toString('latin1'), key },
      result,
      0,
      result.size,
      half,
    );
    if (this.#options.answerBeforeWrite === true)
      this.#oracle.progress(result.endOffset, this.#oracle.flushed, this.#clock.now());
  }

  #appendBatch(): void {
    const topic = this.#random.pick(TOPICS);
    const queueId = this.#random.below(QUEUES);
    const bodies = Array.from({ length: 1 + this.#random.below(6) }, () => this.#maker.body());
    const keys = bodies.map((body) => `b${body.readUInt32BE(0)}`);
    const batch = encodeBatch(
      bodies.map((body, i) => ({ body, properties: new Map([['UNIQ_KEY', keys[i] ?? '']]) })),
    );
    const message = this.#maker.message(topic, queueId, '', this.#clock.now());
    message.properties = Buffer.alloc(0);
    message.propertiesEnd = 0;
    const failed = this.#fatal;
    const result = this.#store.appendBatch(message, decodeBatch(batch));
    this.#trace.push(
      `batch of ${bodies.length} to ${topic}/${queueId}: ${result.status} ${result.physicalOffset}..${result.endOffset}`,
    );
    if (result.status !== 'PUT_OK') return;
    if (failed) throw new Broken('fail-stop', 'a message was taken after the store had failed');
    const starts = [...result.physicalOffsets, result.endOffset];
    for (const [i, body] of bodies.entries()) {
      const size = (starts[i + 1] ?? 0) - (starts[i] ?? 0);
      this.#oracle.appended(
        { topic, queueId, body: body.toString('latin1'), key: keys[i] ?? '' },
        result,
        i,
        size,
        false,
      );
      this.#report.messages++;
    }
  }

  #commit(): void {
    const before = this.#oracle.written;
    this.#store.commit();
    this.#trace.push(`commit: ${before} -> ${this.#oracle.written}`);
    const end = this.#oracle.log.at(-1)?.end ?? 0;
    if (!this.#fatal && this.#options.answerBeforeWrite !== true && this.#oracle.written < end)
      throw new Broken('progress', `a commit up to ${end} reported ${this.#oracle.written}`);
  }

  async #completeCalls(count: number): Promise<void> {
    for (let i = 0; i < count && this.#fs.callsUnderWay > 0; i++) {
      this.#trace.push(`1 of ${this.#fs.callsUnderWay} calls ends`);
      this.#fs.completeOne();
      await settled();
    }
  }

  async #completeAll(): Promise<void> {
    for (let i = 0; i < 1000 && this.#fs.callsUnderWay > 0; i++) {
      this.#fs.completeOne();
      await settled();
    }
  }

  async #passTime(ms: number): Promise<void> {
    this.#trace.push(`${ms} ms`);
    this.#clock.advance(ms);
    await settled();
  }

  #keepOffsets(): void {
    const value = this.#maker.number++;
    this.#trace.push(`offsets ${value}`);
    this.#offsets.keep(value);
  }

  async #expire(): Promise<void> {
    if (this.#fatal) return;
    const oldest = this.#store.minPhysicalOffset;
    for (let i = 0; i < 8; i++) {
      await this.#passTime(RESERVED_MS / 6);
      await this.#completeAll();
    }
    this.#store.deleteExpiredFiles();
    const now = this.#clock.now();
    await this.#passTime(3000);
    this.#trace.push(`expired ${oldest} -> ${this.#store.minPhysicalOffset}`);
    const young = this.#oracle.log.find(
      (message) => message.end <= this.#store.minPhysicalOffset && message.storeTimestamp + RESERVED_MS > now,
    );
    if (young) throw new Broken('durable', `a message of ${young.storeTimestamp} was deleted at ${now}`);
  }

  #breakSomething(): void {
    if (this.#fs.disk.available === 0) return;
    const call = this.#random.pick(CALLS);
    const code = this.#random.pick(['EIO', 'ENOSPC']);
    const after = this.#random.below(this.#random.chance(50) ? 4 : 50);
    const bytes = call === 'write' && this.#random.chance(30) ? 1 + this.#random.below(600) : 0;
    this.#trace.push(`${code} for ${call} after ${after}${bytes > 0 ? `, ${bytes} bytes get through` : ''}`);
    // A short write ends at a page: what is smaller than one, like the header of an index, is written whole or not at all.
    this.#fs.fail(call, { code, after, bytes, path: bytes > 0 ? 'commitlog' : '' });
    this.#reads.faulty = true;
    this.#report.faults++;
  }

  #fillDisk(): void {
    this.#trace.push('the disk fills up, or has room again');
    const full = this.#fs.disk.available === 0;
    // A full disk has files deleted whatever their age; what then could not be written of their queues is lost with them.
    if (this.#reads.faulty && !full) return;
    this.#fs.disk = full
      ? { total: 1e12, free: 1e12, available: 1e12 }
      : { total: 1e12, free: 0, available: 0 };
  }

  async #stop(): Promise<void> {
    let done = false;
    const stopped = this.#store.shutdown().finally(() => (done = true));
    stopped.catch(() => undefined);
    for (let i = 0; !done && i < 10_000; i++) {
      this.#fs.completeOne();
      await settled();
    }
    if (!done) throw new Broken('progress', 'the store does not stop');
    // A disk that fails while the store stops leaves what a crash leaves.
    await stopped.catch((error: unknown) => {
      if (!this.#fatal && this.#report.faults === 0) throw error;
      this.#trace.push(`the stop failed: ${String(error)}`);
    });
  }

  async #restart(by: 'stop' | 'kill' | 'power'): Promise<void> {
    let how = by;
    const oracle = this.#oracle;
    this.#trace.push(`restart by ${how}, written ${oracle.written}, flushed ${oracle.durable}`);
    this.#report.restarts++;
    this.#offsets.note();
    if (how === 'stop') {
      this.#offsets.stop();
      this.#offsets.note();
      await this.#stop();
    }
    if (how !== 'stop' && this.#random.chance(30) && !this.#fatal) this.#dieWhileWriting();
    const flushing = this.#fs.callsUnderWay > 0;
    // After a failed fdatasync only the disk tells what is there: a store must not be started on what memory still shows.
    if (this.#fs.lostWrites) how = 'power';
    const oldestLoss =
      how !== 'power' ? Infinity : flushing || this.#fatal ? 0 : this.#clock.now() - FLUSH_INTERVAL;
    if (how === 'power') {
      this.#report.powerCuts++;
      this.#fs.powerCut();
    } else {
      this.#fs.kill();
    }
    this.#fs.disk = { total: 1e12, free: 1e12, available: 1e12 };
    this.#clock = new ManualClock(this.#clock.now() + this.#random.below(2000));
    const cutAgain = this.#random.chance(15) && (await this.#failedStart());
    this.#reads.store = this.#store = this.#create();
    this.#reads.failed = false;
    this.#reads.faulty = false;
    oracle.recover(await this.#load(), cutAgain || how === 'power', cutAgain ? 0 : oldestLoss);
    this.#store.start();
    this.#reads.checkAll();
    this.#offsets.check(cutAgain || how === 'power');
  }

  /** A fatal signal can cut a write of several pages. */
  #dieWhileWriting(): void {
    this.#fs.fail('write', { path: 'commitlog', bytes: 1 + this.#random.below(2000) });
    this.#store.commit();
    this.#trace.push('killed in the middle of the write');
  }

  /** A start that the disk interrupts; then the machine is sound again. @returns whether the power was cut, too */
  async #failedStart(): Promise<boolean> {
    const store = this.#create();
    this.#fs.fail(this.#random.pick(CALLS), { after: this.#random.below(8) });
    const outcome = await store.load().then(
      () => 'went well',
      (error: unknown) => {
        if (error instanceof RocketMQError) return error.message;
        throw error;
      },
    );
    this.#trace.push(`a start that fails: ${outcome}`);
    const cut = this.#random.chance(50) || this.#fs.lostWrites;
    if (cut) this.#fs.powerCut();
    else this.#fs.kill();
    this.#clock = new ManualClock(this.#clock.now());
    return cut;
  }

  async #load(): Promise<number> {
    const report = await this.#store.load();
    this.#trace.push(
      `loaded ${report.clean ? 'after a stop' : 'after a crash'}: ${report.startOffset}..${report.endOffset}`,
    );
    if (report.damaged.length > 0)
      throw new Broken('durable', `records at ${report.damaged.join(', ')} are taken to be damaged`);
    return report.endOffset;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
