import type { Clock } from '@nest-rocketmq/runtime';
import { decodeRecord, MessageConst, type MessageRecord } from '@nest-rocketmq/protocol';
import { TimerMagic, type MessageStore, type TimerUnit } from '@nest-rocketmq/store';
import type { TimerMetrics } from './timer-metrics.ts';

/**
 * The messages of the present slot that have been taken back. A message that takes another one back lies in the same slot
 * and names the other's topic and unique key.
 */
export class Recalls {
  readonly #store: MessageStore;
  readonly #metrics: TimerMetrics;
  readonly #clock: Clock;
  /** By topic and unique key: whether the message was met. */
  readonly #keys = new Map<string, { topic: string; met: boolean }>();

  constructor(store: MessageStore, metrics: TimerMetrics, clock: Clock) {
    this.#store = store;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Takes an entry of the slot if it takes another one back. @returns whether it does */
  take(unit: TimerUnit): boolean {
    if (!isRecall(unit)) return false;
    const bytes = this.#store.readRecord(unit.physicalOffset, unit.size);
    const record = bytes && decodeRecord(bytes, 0);
    if (record) this.#remember(record);
    return true;
  }

  /** As {@link take}, of a message that is at hand. */
  takeRecord(unit: TimerUnit, record: MessageRecord): boolean {
    if (!isRecall(unit)) return false;
    this.#remember(record);
    return true;
  }

  /** Whether a message of the slot was taken back. */
  recalled(record: MessageRecord): boolean {
    // The only way that costs something: nearly no slot has any.
    if (this.#keys.size === 0) return false;
    const topic = record.property(MessageConst.PROPERTY_REAL_TOPIC) ?? '';
    const key = record.property(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
    const recall = key === undefined ? undefined : this.#keys.get(`${topic}+${key}`);
    if (recall) recall.met = true;
    return recall !== undefined;
  }

  /** As {@link recalled}, of an entry of the slot. */
  recalledUnit(unit: TimerUnit): boolean {
    if (this.#keys.size === 0 || (unit.magic & TimerMagic.ROLL) !== 0) return false;
    const bytes = this.#store.readRecord(unit.physicalOffset, unit.size);
    const record = bytes && decodeRecord(bytes, 0);
    return record !== undefined && this.recalled(record);
  }

  /** The slot is over: those that took nothing back were counted as if they had. */
  finish(): void {
    for (const { topic, met } of this.#keys.values())
      if (!met) this.#metrics.add(topic, 1, this.#clock.now());
    this.#keys.clear();
  }

  #remember(record: MessageRecord): void {
    const key = record.property(MessageConst.PROPERTY_TIMER_DEL_UNIQKEY);
    const topic = record.property(MessageConst.PROPERTY_REAL_TOPIC);
    // The mark at a stop in the middle of a slot is an ordinary message.
    if (key === undefined || topic === undefined) return;
    // With appendTopicForTimerDeleteKey, and before 5.5, the key has the topic in front.
    this.#keys.set(key.startsWith(`${topic}+`) ? key : `${topic}+${key}`, { topic, met: false });
  }
}

/** One that is too far away yet is only put into the timer topic again. */
function isRecall(unit: TimerUnit): boolean {
  return (unit.magic & (TimerMagic.DELETE | TimerMagic.ROLL)) === TimerMagic.DELETE;
}
