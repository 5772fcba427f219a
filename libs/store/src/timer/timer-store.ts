import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { TimerCheckpoint } from './timer-checkpoint.ts';
import { TimerLog } from './timer-log.ts';
import { recoverTimers, type TimerMessages, type TimerRecovery } from './timer-recovery.ts';
import { TimerMagic, TimerUnit } from './timer-unit.ts';
import { TimerWheel } from './timer-wheel.ts';

/** Days that fit into half of the wheel when a slot is a second (TimerMessageStore.TIMER_WHEEL_TTL_DAY). */
const WHEEL_DAYS = 7;
const DAY_SLOTS = 24 * 3600;
/** Slots between the newest and the oldest that stay free (TimerMessageStore.TIMER_BLANK_SLOTS). */
const BLANK_SLOTS = 60;
const SLOTS_TOTAL = WHEEL_DAYS * DAY_SLOTS;

/** Where timers are kept, and the keys of `broker.conf` that say how. */
export interface TimerStoreConfig {
  readonly storePathRootDir: string;
  /** Bytes of one file of the timer log. */
  readonly mappedFileSizeTimerLog: number;
  /** Milliseconds of a slot. */
  readonly timerPrecisionMs: number;
  /** Slots that a message may be away; one that is farther is put into the timer topic again on its way. */
  readonly timerRollWindowSlot: number;
}

/**
 * The timers on the disk, in RocketMQ's files (TimerMessageStore): `timerlog/` has an entry for each message that waits,
 * `timerwheel` says for each slot which entries are its own, and `config/timercheck` how far both are. What can't be read
 * from these can be had again from the timer topic.
 *
 * Files appear with the first timer. Nothing here delivers: see the broker's TimerDelivery.
 */
export class TimerStore {
  readonly precisionMs: number;
  readonly checkpoint: TimerCheckpoint;
  /** In slots. */
  readonly #rollWindow: number;
  readonly #log: TimerLog;
  readonly #wheel: TimerWheel;
  /** Every slot before it has been delivered. A multiple of {@link precisionMs}. */
  readTime = 0;
  /** The first message of the timer topic that has no entry yet. */
  queueOffset = 0;
  /** The last slot that holds anything. */
  lastSlotTime = 0;
  /** The newest message that has an entry. */
  #newest = { physicalOffset: -1, size: 0 };
  #flushing: Promise<void> | undefined;
  #dirty = false;

  constructor(config: TimerStoreConfig, fs: FileSystem) {
    const root = config.storePathRootDir;
    this.precisionMs = config.timerPrecisionMs;
    const window = config.timerRollWindowSlot;
    const most = SLOTS_TOTAL - BLANK_SLOTS;
    this.#rollWindow = window > most || window < 2 ? most : window;
    this.checkpoint = new TimerCheckpoint(path.join(root, 'config', 'timercheck'), fs);
    this.#log = new TimerLog(path.join(root, 'timerlog'), config.mappedFileSizeTimerLog, fs);
    this.#wheel = new TimerWheel(path.join(root, 'timerwheel'), SLOTS_TOTAL, this.precisionMs, fs);
  }

  /**
   * Opens the files and brings them into agreement with each other and with the commit log.
   * @param now milliseconds
   * @throws RocketMQError `STORE` when a file has a wrong size or one is missing
   */
  load(now: number, messages: TimerMessages): TimerRecovery {
    this.checkpoint.load();
    this.#wheel.load();
    this.#log.load();
    // Older slots may be taken by newer rounds of the wheel.
    const newest = this.slotOf(now) + (this.#rollWindow + BLANK_SLOTS) * this.precisionMs;
    const oldest = newest - this.#wheel.span;
    const from = Math.max(this.slotOf(this.checkpoint.lastReadTimeMs), oldest);
    const found = recoverTimers(this.#log, this.#wheel, this.checkpoint, from, messages);
    this.readTime = Math.max(from, Math.min(found.firstSlotTime, this.slotOf(now)));
    this.queueOffset = found.queueOffset;
    this.lastSlotTime = found.lastSlotTime;
    this.#newest = found.newest;
    return found;
  }

  /** The beginning of the slot that `time` lies in. */
  slotOf(time: number): number {
    return time - (time % this.precisionMs);
  }

  /** How many messages wait in the slot of a time. */
  num(time: number): number {
    return this.#wheel.get(time)?.num ?? 0;
  }

  /** How many messages wait from {@link readTime} on. Reads the whole wheel. */
  allNum(): number {
    let sum = 0;
    this.#wheel.forEach(this.readTime, (slot) => (sum += slot.num));
    return sum;
  }

  /**
   * Makes an entry of a message of the timer topic that is to come out in the slot `outTime`: in that slot, in the
   * present one when that is over, or, when it is too far away, in one on the way there, with the mark ROLL
   * (TimerMessageStore.doEnqueue). Sets what `unit` says about the slot; the rest is the caller's. It is on the disk after
   * {@link write}. Throws the file system's error, with nothing changed.
   * @param now milliseconds
   */
  add(unit: TimerUnit, outTime: number, now: number): void {
    const present = this.slotOf(now);
    const distance = Math.floor((outTime - present) / this.precisionMs);
    let slotTime = Math.max(this.slotOf(outTime), this.readTime);
    if (distance >= this.#rollWindow) {
      unit.magic |= TimerMagic.ROLL;
      unit.dueAt = 0;
      // What is left after this stretch should not be too short for another one.
      const nearly = distance - this.#rollWindow < Math.floor(this.#rollWindow / 3);
      const stretch = nearly ? Math.floor(this.#rollWindow / 2) : this.#rollWindow;
      slotTime = present + stretch * this.precisionMs;
    }
    unit.enqueueTime = present;
    unit.slotTime = slotTime;
    unit.prevPos = this.#wheel.get(slotTime)?.lastPos ?? -1;
    const position = this.#log.append(unit);
    this.#wheel.link(slotTime, position, (unit.magic & TimerMagic.DELETE) === 0 ? 1 : -1);
    this.lastSlotTime = Math.max(this.lastSlotTime, slotTime);
    this.#newest = { physicalOffset: unit.physicalOffset, size: unit.size };
    this.#dirty = true;
  }

  /** Puts what was added into the log's file, where it survives kill -9. Throws the file system's error. */
  write(): void {
    this.#log.write();
  }

  /** Calls `visit` with the entries of a slot, the newest first. What was added must be written. */
  forEachOf(slotTime: number, visit: (unit: TimerUnit) => void): void {
    const unit = new TimerUnit();
    let position = this.#wheel.get(slotTime)?.lastPos ?? -1;
    while (position >= 0 && this.#log.read(position, unit)) {
      // A chain that leads forward would be without end.
      const prevPos = unit.prevPos < position ? unit.prevPos : -1;
      visit(unit);
      position = prevPos;
    }
  }

  /**
   * The entries that wait at this moment in the slot `from` and later, in no order, whatever is added meanwhile; each is good
   * until the next. Throws the file system's error.
   */
  pending(from: number): Generator<TimerUnit, undefined> {
    this.#log.write();
    const ends: number[] = [];
    this.#wheel.forEach(from, (slot) => ends.push(slot.lastPos));
    return this.#entries(ends);
  }

  *#entries(ends: readonly number[]): Generator<TimerUnit, undefined> {
    const unit = new TimerUnit();
    for (const end of ends) {
      for (let position = end; position >= 0 && this.#log.read(position, unit);) {
        const prevPos = unit.prevPos < position ? unit.prevPos : -1;
        yield unit;
        position = prevPos;
      }
    }
  }

  /** Goes on to a later slot: all before it have been delivered. */
  moveReadTime(slotTime: number): void {
    this.readTime = slotTime;
    this.#dirty = true;
  }

  /**
   * Has a slot hold these entries alone, at a stop in its middle: what has been delivered must not come again. The
   * newest message keeps the last entry of the log, by which any broker finds out how far the timer topic is read; one
   * marked DELETE that takes nothing back does no harm in a slot.
   */
  replaceSlot(slotTime: number, units: Iterable<TimerUnit>): void {
    let first = -1;
    let last = -1;
    let num = 0;
    const put = (unit: TimerUnit): void => {
      unit.slotTime = slotTime;
      unit.prevPos = last;
      last = this.#log.append(unit);
      if (first < 0) first = last;
    };
    for (const unit of units) {
      put(unit);
      num++;
    }
    const { physicalOffset, size } = this.#newest;
    if (physicalOffset >= 0) {
      const mark = new TimerUnit();
      mark.magic = TimerMagic.DEFAULT | TimerMagic.DELETE;
      mark.enqueueTime = slotTime;
      mark.physicalOffset = physicalOffset;
      mark.size = size;
      put(mark);
    }
    this.#wheel.put(slotTime, first, last, num, 0);
    this.#dirty = true;
  }

  /**
   * Notes in the checkpoint, where it survives kill -9, that slots before `readTime` need not be delivered again; the rest
   * of it stays. Throws the file system's error.
   */
  saveReadTime(readTime: number, now: number): void {
    const { checkpoint } = this;
    if (readTime <= checkpoint.lastReadTimeMs || !this.#log.exists) return;
    checkpoint.lastReadTimeMs = readTime;
    checkpoint.write(now);
  }

  /**
   * Writes and flushes log and wheel, and then the checkpoint, in the background. One that is under way is not followed by
   * another at once.
   * @param readTime the slot from which on messages are to be delivered again after a power loss
   */
  flush(readTime: number, now: number): Promise<void> {
    if (!this.#dirty || this.#flushing) return this.#flushing ?? Promise.resolve();
    this.#flushing = this.#flush(readTime, now).finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  async #flush(readTime: number, now: number): Promise<void> {
    const { checkpoint } = this;
    this.#dirty = readTime < this.readTime;
    try {
      const end = this.#writeAll();
      const { queueOffset } = this;
      await synced((done) => this.#log.sync(done));
      await synced((done) => this.#wheel.sync(done));
      this.#setCheckpoint(readTime, end, queueOffset);
      checkpoint.write(now);
      await synced((done) => checkpoint.sync(done));
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  /** Writes and flushes everything, blocking, and closes the files. */
  async close(now: number): Promise<void> {
    await this.#flushing?.catch(() => undefined);
    try {
      if (this.#dirty) {
        const end = this.#writeAll();
        this.#log.syncNow();
        this.#wheel.syncNow();
        this.#setCheckpoint(this.readTime, end, this.queueOffset);
        this.checkpoint.write(now);
        this.checkpoint.syncNow();
      }
    } finally {
      this.#log.close();
      this.#wheel.close();
      this.checkpoint.close();
    }
  }

  /** Deletes files of the log whose messages have all left the commit log. */
  removeBefore(minPhysicalOffset: number): void {
    this.#log.removeBefore(minPhysicalOffset);
  }

  /** @returns where the log ends */
  #writeAll(): number {
    this.#log.write();
    this.#wheel.write();
    return this.#log.end;
  }

  #setCheckpoint(readTime: number, end: number, queueOffset: number): void {
    const { checkpoint } = this;
    checkpoint.lastReadTimeMs = Math.max(readTime, checkpoint.lastReadTimeMs);
    checkpoint.lastTimerLogFlushPos = end;
    checkpoint.lastTimerQueueOffset = queueOffset;
    checkpoint.masterTimerQueueOffset = queueOffset;
  }
}

function synced(sync: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => sync((error) => (error ? reject(error) : resolve())));
}
