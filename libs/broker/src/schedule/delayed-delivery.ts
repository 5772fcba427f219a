import { scheduleEvery, type Clock, type Logger, type Scheduled } from '@nest-rocketmq/runtime';
import { decodeRecord, type DataVersion } from '@nest-rocketmq/protocol';
import type { Tick } from '@nest-rocketmq/remoting';
import { AppendMessage, type MessageStore } from '@nest-rocketmq/store';
import type { ConfigFile } from '../config/config-file.ts';
import { newDataVersion, nextVersion } from '../config/data-version.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import type { DelayLevels } from './delay-levels.ts';
import { readDelayOffsets, writeDelayOffsets } from './delay-offsets-file.ts';
import { fillFromRecord, realPlace } from './redelivery.ts';

/**
 * How often levels are looked through, in milliseconds. A message that came since can't be due before the shortest delay is
 * over, and what is known to be due is delivered at its time: looking that often is enough.
 */
const POLL_MS = [100, 1000] as const;
const ERROR_BACK_OFF_MS = 10_000;
/** Messages of one level delivered in one go: the loop serves clients between two goes. */
const BATCH = 1000;

/** What the delivery takes from the broker's configuration. */
export interface DelayedDeliveryConfig {
  readonly flushDelayOffsetInterval: number;
}

/**
 * Delivers messages with a delay level when their time has come (ScheduleMessageService): each level is a queue of the
 * schedule topic, in order of due time, and `delayOffset.json` remembers how far each has been delivered. After a
 * crash, what was delivered since the last save is delivered again.
 */
export class DelayedDelivery {
  readonly #store: MessageStore;
  readonly #tick: Tick;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #levels: DelayLevels;
  readonly #file: ConfigFile;
  readonly #config: DelayedDeliveryConfig;
  readonly #offsets = new Map<number, number>();
  readonly #pauses = new Map<number, number>();
  readonly #message = new AppendMessage();
  readonly #pollMs: number;
  #flushing: Scheduled | undefined;
  #next: Scheduled | undefined;
  #dataVersion: DataVersion;
  #dirty = false;

  constructor(
    parts: {
      store: MessageStore;
      tick: Tick;
      clock: Clock;
      logger: Logger;
      levels: DelayLevels;
      file: ConfigFile;
    },
    config: DelayedDeliveryConfig,
  ) {
    this.#store = parts.store;
    this.#tick = parts.tick;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#levels = parts.levels;
    this.#file = parts.file;
    this.#config = config;
    this.#dataVersion = newDataVersion(parts.clock.now());
    const [least, most] = POLL_MS;
    this.#pollMs = Math.max(least, Math.min(most, parts.levels.shortest));
  }

  /**
   * Reads `delayOffset.json`. Offsets outside of their queue are brought back into it.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    const stored = readDelayOffsets(this.#file.load());
    if (stored?.dataVersion) this.#dataVersion = stored.dataVersion;
    for (const [level, offset] of stored?.offsets ?? [])
      this.#offsets.set(level, this.#within(level, offset));
  }

  /** Starts delivering, and saving the progress every `flushDelayOffsetInterval`. */
  start(): void {
    const period = this.#config.flushDelayOffsetInterval;
    this.#flushing = scheduleEvery(this.#clock, period, period, () => this.flush());
    this.#deliverIn(0);
  }

  /** Stops delivering and saves the progress. */
  shutdown(): void {
    this.#flushing?.cancel();
    this.#next?.cancel();
    this.flush();
  }

  /** Saves the progress when there was any. */
  flush(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    // What counts as delivered must be in the log before the file says so.
    this.#store.commit();
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now());
    this.#file.persist(writeDelayOffsets(this.#offsets, this.#dataVersion));
  }

  #deliverIn(ms: number): void {
    this.#next = this.#clock.schedule(ms, () => {
      const wait = this.deliver();
      this.#deliverIn(Math.min(this.#pollMs, wait));
    });
  }

  /**
   * Delivers what is due on every level.
   * @returns in how many milliseconds there will be something to deliver, of what is there now
   */
  deliver(): number {
    const now = this.#clock.now();
    let wait = Infinity;
    for (let level = 1; level <= this.#levels.max; level++) {
      if ((this.#pauses.get(level) ?? 0) > now) continue;
      const maxOffset = this.#store.getMaxOffset(SystemTopic.SCHEDULE, level - 1);
      if ((this.#offsets.get(level) ?? 0) < maxOffset)
        wait = Math.min(wait, this.#deliverLevel(level, now, maxOffset));
    }
    return wait;
  }

  /** `scheduleMessageOffset_<level>` -> `delivered,stored`, of the levels that were ever used. */
  runtimeInfo(): Map<string, string> {
    const info = new Map<string, string>();
    for (const [level, offset] of this.#offsets) {
      info.set(
        `scheduleMessageOffset_${level}`,
        `${offset},${this.#store.getMaxOffset(SystemTopic.SCHEDULE, level - 1)}`,
      );
    }
    return info;
  }

  #deliverLevel(level: number, now: number, maxOffset: number): number {
    const queueId = level - 1;
    let offset = this.#within(level, this.#offsets.get(level) ?? 0);
    const end = Math.min(maxOffset, offset + BATCH);
    let wait = end < maxOffset ? 0 : Infinity;
    for (; offset < end; offset++) {
      const entry = this.#store.queueEntry(SystemTopic.SCHEDULE, queueId, offset);
      // The entry's tags code is the time it is due.
      if (entry && entry.tagsCode > now && entry.tagsCode <= now + this.#longestWait(level)) {
        wait = entry.tagsCode - now;
        break;
      }
      const readable = entry && entry.physicalOffset + entry.size <= this.#store.writtenOffset;
      if (!readable || !this.#tryDeliver(entry.physicalOffset, entry.size)) {
        if (readable) this.#pauses.set(level, now + ERROR_BACK_OFF_MS);
        wait = Infinity;
        break;
      }
    }
    if (this.#offsets.get(level) === offset) return wait;
    this.#offsets.set(level, offset);
    this.#dirty = true;
    this.#tick.schedule();
    return wait;
  }

  /**
   * How far away a due time may be; one beyond comes from a clock that was set back, and would hold its level up. Java takes the
   * delay itself for that: there a clock that is set right by a millisecond brings what was just stored at once.
   */
  #longestWait(level: number): number {
    return 2 * this.#levels.delayOf(level);
  }

  /** @returns false when it could not be read or stored now: it is tried again later */
  #tryDeliver(physicalOffset: number, size: number): boolean {
    try {
      return this.#deliverRecord(physicalOffset, size);
    } catch (error) {
      this.#logger.error(
        `The delayed message at ${physicalOffset} could not be delivered: it is tried again`,
        error,
      );
      return false;
    }
  }

  #deliverRecord(physicalOffset: number, size: number): boolean {
    const bytes = this.#store.readRecord(physicalOffset, size);
    const record = bytes && decodeRecord(bytes, 0);
    if (!bytes || !record) {
      this.#logger.error(`The delayed message at ${physicalOffset} can't be read: it is passed over`);
      return true;
    }
    const place = realPlace(record);
    if (!place) {
      this.#logger.error(
        `The delayed message at ${physicalOffset} names no topic it could go to: it is passed over`,
      );
      return true;
    }
    const message = this.#message;
    // Java clears DELAY in memory alone: consumers see the properties as they waited.
    fillFromRecord(message, bytes, record);
    message.topic = place.topic;
    message.queueId = place.queueId;
    const { status } = this.#store.append(message);
    if (status === 'PUT_OK') return true;
    if (status === 'SERVICE_NOT_AVAILABLE' || status === 'CREATE_MAPPED_FILE_FAILED') return false;
    this.#logger.error(
      `The delayed message at ${physicalOffset} can't be stored (${status}): it is passed over`,
    );
    return true;
  }

  /** The offset, brought into what its queue holds. */
  #within(level: number, offset: number): number {
    const queueId = level - 1;
    const min = this.#store.getMinOffset(SystemTopic.SCHEDULE, queueId);
    const max = this.#store.getMaxOffset(SystemTopic.SCHEDULE, queueId);
    const corrected = Math.max(min, Math.min(offset, max));
    if (corrected !== offset) {
      this.#logger.warn(
        `Delay level ${level} was delivered up to ${offset}, its queue holds ${min} to ${max}: going on at ${corrected}`,
      );
    }
    return corrected;
  }
}
