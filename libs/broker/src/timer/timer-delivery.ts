import { scheduleEvery, type Clock, type Logger, type Scheduled } from '@nest-rocketmq/runtime';
import { decodeRecord, type MessageRecord } from '@nest-rocketmq/protocol';
import type { Tick } from '@nest-rocketmq/remoting';
import type { MessageStore, TimerStore, TimerUnit } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';
import { PendingSlot } from './pending-slot.ts';
import { Recalls } from './recalls.ts';
import { TimerEnqueue } from './timer-enqueue.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import { TimerProgress } from './timer-progress.ts';
import { TimerRevision } from './timer-revision.ts';
import { TimerRedelivery } from './timer-redelivery.ts';

/** Messages delivered, or slots passed, in one go: the loop serves clients between two goes. */
const BATCH = 500;
const SLOTS = 20_000;
const ERROR_BACK_OFF_MS = 1000;
/** How often a stopped delivery looks whether it may go on (TimerDequeueGetService). */
const STOPPED_POLL_MS = 100;
const CLEAN_INTERVAL_MS = 30_000;
const METRICS_INTERVAL_MS = 10_000;
/** When the counts are revised (Java's `timerCheckMetricsWhen`), and how often it is looked whether it is that hour. */
const REVISION_HOUR = 5;
const REVISION_LOOK_MS = 45 * 60_000;
const REVISION_PAUSE_MS = 70 * 60_000;

/** What the timers take from the broker's configuration; read anew each time, since it may change. */
export interface TimerDeliveryConfig {
  readonly timerFlushIntervalMs: number;
  readonly timerStopEnqueue: boolean;
  readonly timerStopDequeue: boolean;
  readonly timerEnableCheckMetrics: boolean;
}

/** What the timers stand on. `clock` is the store's. */
export interface TimerDeliveryParts {
  readonly store: MessageStore;
  readonly timers: TimerStore;
  readonly metrics: TimerMetrics;
  readonly tick: Tick;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Delivers messages at arbitrary times (TimerMessageStore). They wait in the timer topic; each has an entry in the slot of
 * its time. The slot of the present is in memory, its messages in the order of their exact times: RocketMQ delivers all of
 * a slot when it is over, this one each at its own millisecond, and entries that RocketMQ has written at their slot's end.
 *
 * After a crash, what was delivered since the last checkpoint (a second or two) is delivered again; after a stop nothing is.
 */
export class TimerDelivery {
  readonly #parts: TimerDeliveryParts;
  readonly #config: TimerDeliveryConfig;
  readonly #enqueue: TimerEnqueue;
  readonly #slot = new PendingSlot();
  readonly #recalls: Recalls;
  readonly #progress: TimerProgress;
  readonly #redelivery: TimerRedelivery;
  readonly #revision: TimerRevision;
  #revisedAt = -Infinity;
  #revisionDue = false;
  #started = false;
  #wake: Scheduled | undefined;
  #wakeAt = Infinity;
  #periodic: Scheduled[] = [];
  /** How many of the present slot have been delivered, or passed over. */
  #delivered = 0;

  constructor(parts: TimerDeliveryParts, config: TimerDeliveryConfig) {
    this.#parts = parts;
    this.#config = config;
    this.#recalls = new Recalls(parts.store, parts.metrics, parts.clock);
    this.#progress = new TimerProgress(parts.store);
    this.#redelivery = new TimerRedelivery(parts, this.#recalls, this.#progress);
    this.#revision = new TimerRevision(parts);
    this.#enqueue = new TimerEnqueue(parts, (unit, record) => this.#present(unit, record));
  }

  /**
   * Opens and recovers the files. The store must be loaded.
   * @throws RocketMQError when a file is damaged
   */
  load(): void {
    const { store, timers, metrics, clock, logger } = this.#parts;
    metrics.load();
    const found = timers.load(clock.now(), {
      begin: store.minPhysicalOffset,
      end: store.writtenOffset,
      queueOffset: (physicalOffset, size) => {
        const bytes = store.readRecord(physicalOffset, size);
        const record = bytes && decodeRecord(bytes, 0);
        return record?.topic === SystemTopic.TIMER ? record.queueOffset : undefined;
      },
    });
    if (found.rebuilt)
      logger.warn('The timer wheel knew more than the timer log: it has been built anew from the log');
    this.#progress.start(timers.readTime);
  }

  /** Starts delivering, and saving the progress every `timerFlushIntervalMs`. */
  start(): void {
    const { store } = this.#parts;
    this.#started = true;
    this.#load();
    // What is in the file was true at a stop; after a crash, it was not.
    this.#revision.begin(this.#parts.timers.readTime);
    store.onProgress(() => this.#onStored());
    const { timerFlushIntervalMs } = this.#config;
    const every = (ms: number, task: () => void): Scheduled => scheduleEvery(this.#parts.clock, ms, ms, task);
    this.#periodic = [
      every(timerFlushIntervalMs, () => this.#flush()),
      every(CLEAN_INTERVAL_MS, () => this.#parts.timers.removeBefore(store.minPhysicalOffset)),
      every(METRICS_INTERVAL_MS, () => this.#parts.metrics.flush(this.#parts.clock.now())),
      every(REVISION_LOOK_MS, () => this.#lookForRevision()),
    ];
    this.#run();
  }

  /** Stops delivering and saves the progress: what was delivered does not come again. */
  async shutdown(): Promise<void> {
    const { timers, clock, logger } = this.#parts;
    const started = this.#started;
    this.#started = false;
    this.#wake?.cancel();
    this.#revision.shutdown();
    for (const each of this.#periodic) each.cancel();
    try {
      if (started) this.#save();
      await timers.close(clock.now());
    } catch (error) {
      logger.error("The timers' files can't be written: what was delivered last comes again", error);
    }
  }

  #save(): void {
    const { timers, store, metrics, clock } = this.#parts;
    // What counts as delivered must be in the log before the files say so.
    store.commit();
    if (this.#delivered > 0) timers.replaceSlot(timers.readTime, this.#undelivered());
    metrics.flush(clock.now());
  }

  /** What is left of the present slot, but for messages that were taken back. */
  *#undelivered(): Generator<TimerUnit> {
    for (const unit of this.#slot.drain()) if (!this.#recalls.recalledUnit(unit)) yield unit;
  }

  /** The counts of messages that wait. */
  get metrics(): TimerMetrics {
    return this.#parts.metrics;
  }

  /** The body of GET_TIMER_CHECK_POINT: what `config/timercheck` holds. */
  checkpoint(): Buffer {
    return this.#parts.timers.checkpoint.encode();
  }

  /** How many messages of the timer topic have no entry yet. */
  get behindMessages(): number {
    return Math.max(0, this.#parts.store.getMaxOffset(SystemTopic.TIMER, 0) - this.#parts.timers.queueOffset);
  }

  /** By how many milliseconds the delivery is late. */
  get behindMs(): number {
    const now = this.#parts.clock.now();
    return this.#idle || this.#slot.dueAt > now ? 0 : now - this.#slot.dueAt;
  }

  /** The timers' part of the runtime table. */
  runtimeInfo(): Map<string, string> {
    const { timers } = this.#parts;
    return new Map([
      ['timerReadBehind', String(Math.floor(this.behindMs / 1000))],
      ['timerOffsetBehind', String(this.behindMessages)],
      ['timerCongestNum', String(this.#idle ? 0 : timers.allNum())],
    ]);
  }

  #onStored(): void {
    if (!this.#started) return;
    if (this.behindMessages > 0) this.#wakeIn(0);
    this.#saveReadTime();
  }

  /** Once the commit log is flushed, slots that have passed need not come again. */
  #saveReadTime(): void {
    const { timers, clock, logger } = this.#parts;
    if (!this.#progress.waiting) return;
    try {
      timers.saveReadTime(this.#progress.safe(), clock.now());
    } catch (error) {
      logger.error("The timers' checkpoint can't be written: it is tried again", error);
    }
  }

  /** One go: takes up what is new, delivers what is due, and says when to go on. */
  #run(): void {
    if (!this.#started) return;
    try {
      this.#wakeIn(this.#step());
    } catch (error) {
      this.#parts.logger.error('Timers could not be kept or delivered: it is tried again', error);
      this.#wakeIn(ERROR_BACK_OFF_MS);
    }
  }

  /** @returns in how many milliseconds to go on; Infinity: when there is something new */
  #step(): number {
    const { timers, clock } = this.#parts;
    const now = clock.now();
    // What a full disk has kept back before: without it the chains of slots can't be read.
    timers.write();
    let more = false;
    if (!this.#config.timerStopEnqueue && this.behindMessages > 0) {
      if (this.#idle && timers.slotOf(now) > timers.readTime) this.#moveTo(timers.slotOf(now));
      more = this.#enqueue.batch(now);
    }
    if (this.#config.timerStopDequeue) return STOPPED_POLL_MS;
    const wait = this.#deliver(now);
    return more ? 0 : wait;
  }

  /** Nothing waits, in this slot or a later one. */
  get #idle(): boolean {
    return this.#slot.size === 0 && this.#parts.timers.lastSlotTime <= this.#parts.timers.readTime;
  }

  #deliver(now: number): number {
    const { timers, tick } = this.#parts;
    let messages = 0;
    let slots = 0;
    let wait: number | undefined;
    while (wait === undefined) {
      if (this.#slot.dueAt <= now) {
        if (messages++ === BATCH) wait = 0;
        else if (this.#deliverTop()) this.#slot.pop();
        else wait = ERROR_BACK_OFF_MS;
      } else if (this.#slot.size > 0) {
        wait = this.#slot.dueAt - now;
      } else if (this.#idle && this.#delivered === 0) {
        wait = Infinity;
      } else {
        const next = timers.readTime + timers.precisionMs;
        if (next > now) wait = next - now;
        else if (slots++ === SLOTS) wait = 0;
        else this.#moveTo(next);
      }
    }
    if (messages > 0) tick.schedule();
    return wait;
  }

  #moveTo(slotTime: number): void {
    this.#recalls.finish();
    this.#parts.timers.moveReadTime(slotTime);
    this.#progress.passed(slotTime);
    this.#delivered = 0;
    this.#load();
    if (this.#revisionDue) this.#revise(slotTime);
  }

  /** Once a day the counts are revised, at the beginning of a slot. */
  #lookForRevision(): void {
    const { clock, timers } = this.#parts;
    const now = clock.now();
    if (!this.#config.timerEnableCheckMetrics || new Date(now).getHours() !== REVISION_HOUR) return;
    if (now - this.#revisedAt <= REVISION_PAUSE_MS) return;
    this.#revisedAt = now;
    if (this.#idle) this.#revise(timers.readTime + timers.precisionMs);
    else this.#revisionDue = true;
  }

  #revise(from: number): void {
    this.#revisionDue = false;
    this.#revision.begin(from);
  }

  /** Reads the present slot. */
  #load(): void {
    const { timers } = this.#parts;
    this.#slot.clear();
    // The chain leads from the newest to the oldest.
    let order = Number.MAX_SAFE_INTEGER / 2;
    timers.forEachOf(timers.readTime, (unit) => {
      if (this.#recalls.take(unit)) return;
      this.#slot.add(unit, this.#dueAt(unit), order--);
    });
  }

  /** A message of the present slot has come. */
  #present(unit: TimerUnit, record: MessageRecord): void {
    if (unit.slotTime === this.#parts.timers.readTime && !this.#recalls.takeRecord(unit, record))
      this.#slot.add(unit, this.#dueAt(unit));
  }

  /** When an entry of the present slot is due: at its end, if not before. */
  #dueAt(unit: TimerUnit): number {
    const { readTime, precisionMs } = this.#parts.timers;
    const end = readTime + precisionMs;
    return unit.dueAt > 0 ? Math.min(unit.dueAt, end) : end;
  }

  #deliverTop(): boolean {
    const done = this.#redelivery.deliver(this.#slot.top);
    if (done) this.#delivered++;
    return done;
  }

  #flush(): void {
    const { timers, clock, logger } = this.#parts;
    timers
      .flush(this.#progress.safe(), clock.now())
      .catch((error: unknown) =>
        logger.error("The timers' files can't be written: it is tried again", error),
      );
  }

  #wakeIn(ms: number): void {
    const at = this.#parts.clock.now() + ms;
    if (this.#wake && this.#wakeAt <= at) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    this.#wakeAt = at;
    if (ms === Infinity) return;
    this.#wake = this.#parts.clock.schedule(Math.ceil(ms), () => {
      this.#wake = undefined;
      this.#run();
    });
  }
}
