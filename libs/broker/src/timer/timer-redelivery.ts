import type { Clock, Logger } from '@nest-rocketmq/runtime';
import { decodeRecord, MessageConst, type MessageRecord } from '@nest-rocketmq/protocol';
import { AppendMessage, TimerMagic, type MessageStore, type TimerUnit } from '@nest-rocketmq/store';
import { fillFromRecord, realPlace } from '../schedule/redelivery.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import type { Recalls } from './recalls.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import { deliveredProperties, rolledProperties } from './timer-properties.ts';
import type { TimerProgress } from './timer-progress.ts';

/** What the redelivery stands on. */
export interface TimerRedeliveryParts {
  readonly store: MessageStore;
  readonly metrics: TimerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Stores messages whose time has come where they were going, and those that are on their way in the timer topic again
 * (TimerMessageStore.doPut).
 */
export class TimerRedelivery {
  readonly #parts: TimerRedeliveryParts;
  readonly #recalls: Recalls;
  readonly #progress: TimerProgress;
  readonly #message = new AppendMessage();

  constructor(parts: TimerRedeliveryParts, recalls: Recalls, progress: TimerProgress) {
    this.#parts = parts;
    this.#recalls = recalls;
    this.#progress = progress;
  }

  /**
   * Stores the message of an entry, unless it was taken back or is one that can never be stored.
   * @returns false when it can't be stored now
   */
  deliver(unit: TimerUnit): boolean {
    const { store } = this.#parts;
    const bytes = store.readRecord(unit.physicalOffset, unit.size);
    const record = bytes && decodeRecord(bytes, 0);
    if (!bytes || record?.topic !== SystemTopic.TIMER) return this.#passOver(unit, "can't be read");
    if ((unit.magic & TimerMagic.ROLL) !== 0) {
      const properties = rolledProperties(record, unit.enqueueTime, this.#parts.clock.now());
      return this.#put(unit, bytes, record, properties, { topic: SystemTopic.TIMER, queueId: 0 });
    }
    const place = realPlace(record);
    if (!place) return this.#passOver(unit, 'names no topic it could go to');
    if (this.#recalls.recalled(record)) return true;
    const properties = deliveredProperties(record, unit.enqueueTime, this.#parts.clock.now());
    return this.#put(unit, bytes, record, properties, place);
  }

  #put(
    unit: TimerUnit,
    bytes: Buffer,
    record: MessageRecord,
    properties: Buffer,
    place: { topic: string; queueId: number },
  ): boolean {
    const { store, metrics, clock } = this.#parts;
    const message = this.#message;
    fillFromRecord(message, bytes, record);
    message.content(record.body, properties);
    message.topic = place.topic;
    message.queueId = place.queueId;
    const { status, endOffset } = store.append(message);
    if (status === 'SERVICE_NOT_AVAILABLE' || status === 'CREATE_MAPPED_FILE_FAILED') return false;
    metrics.add(record.property(MessageConst.PROPERTY_REAL_TOPIC) ?? '', -1, clock.now());
    if (status !== 'PUT_OK') return this.#passOver(unit, `can't be stored (${status})`);
    this.#progress.stored(endOffset);
    return true;
  }

  #passOver(unit: TimerUnit, why: string): true {
    this.#parts.logger.error(`The timer message at ${unit.physicalOffset} ${why}: it is passed over`);
    return true;
  }
}
