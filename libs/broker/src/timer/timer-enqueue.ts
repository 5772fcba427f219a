import type { Clock, Logger } from '@nest-rocketmq/runtime';
import { decodeRecord, javaHashCode, MessageConst, type MessageRecord } from '@nest-rocketmq/protocol';
import { TimerMagic, TimerUnit, type MessageStore, type TimerStore } from '@nest-rocketmq/store';
import { SystemTopic } from '../topic/system-topics.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import { exactTimeOf } from './timer-request.ts';

const BATCH = 500;
const INTEGER = /^\d{1,16}$/;

/** Makes entries of the messages that come into the timer topic, in their order (TimerMessageStore.enqueue). */
export class TimerEnqueue {
  readonly #store: MessageStore;
  readonly #timers: TimerStore;
  readonly #metrics: TimerMetrics;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onEntry: (unit: TimerUnit, record: MessageRecord) => void;
  readonly #unit = new TimerUnit();
  #lastTopic = '';
  #lastHash = 0;

  /** @param onEntry told of each entry that was made; both arguments are reused */
  constructor(
    parts: { store: MessageStore; timers: TimerStore; metrics: TimerMetrics; clock: Clock; logger: Logger },
    onEntry: (unit: TimerUnit, record: MessageRecord) => void,
  ) {
    this.#store = parts.store;
    this.#timers = parts.timers;
    this.#metrics = parts.metrics;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#onEntry = onEntry;
  }

  /**
   * Takes up the next messages and writes their entries. Throws the file system's error; it may be tried again.
   * @returns whether there are more
   */
  batch(now: number): boolean {
    const store = this.#store;
    const timers = this.#timers;
    const max = store.getMaxOffset(SystemTopic.TIMER, 0);
    // Behind the end: the log has lost what was taken up. Before the beginning: it has aged.
    timers.queueOffset = Math.min(
      max,
      Math.max(timers.queueOffset, store.getMinOffset(SystemTopic.TIMER, 0)),
    );
    const end = Math.min(max, timers.queueOffset + BATCH);
    for (; timers.queueOffset < end; timers.queueOffset++) {
      const entry = store.queueEntry(SystemTopic.TIMER, 0, timers.queueOffset);
      const bytes = entry && store.readRecord(entry.physicalOffset, entry.size);
      const record = bytes && decodeRecord(bytes, 0);
      if (record) this.#take(record, now);
      else this.#logger.error(`The timer message ${timers.queueOffset} can't be read: it is passed over`);
    }
    timers.write();
    return end < max;
  }

  #take(record: MessageRecord, now: number): void {
    const text = record.property(MessageConst.PROPERTY_TIMER_OUT_MS) ?? '';
    const topic = record.property(MessageConst.PROPERTY_REAL_TOPIC);
    if (!INTEGER.test(text) || topic === undefined) {
      this.#logger.error(
        `The message at ${record.physicalOffset} of the timer topic says no time or topic: it is passed over`,
      );
      return;
    }
    const outTime = Number(text);
    const recall = record.property(MessageConst.PROPERTY_TIMER_DEL_UNIQKEY) !== undefined;
    const unit = this.#unit;
    unit.magic = recall ? TimerMagic.DEFAULT | TimerMagic.DELETE : TimerMagic.DEFAULT;
    unit.physicalOffset = record.physicalOffset;
    unit.size = record.totalSize;
    unit.topicHash = this.#hashOf(topic);
    unit.dueAt = exactTimeOf(record.properties, record.storeTimestamp, outTime, this.#timers.precisionMs);
    this.#timers.add(unit, outTime, now);
    this.#metrics.add(topic, recall ? -1 : 1, this.#clock.now());
    this.#onEntry(unit, record);
  }

  #hashOf(topic: string): number {
    if (topic !== this.#lastTopic) {
      this.#lastTopic = topic;
      this.#lastHash = javaHashCode(topic);
    }
    return this.#lastHash;
  }
}
