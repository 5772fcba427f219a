import { decodeRecord, MessageConst, popNormalTopic } from '@nest-rocketmq/protocol';
import { printable } from '@nest-rocketmq/runtime';
import { reviveTopic } from '../topic/system-topics.ts';
import { decodeAck } from './ack-record.ts';
import {
  ackOffset,
  decodeCheckPoint,
  indexOfAck,
  mergeKey,
  reviveTime,
  type PopCheckPoint,
} from './check-point.ts';
import { ACK_TIME_INTERVAL, REVIVE_GROUP, ReviveTag, type PopParts } from './pop-parts.ts';
import type { ReviveLog } from './revive-log.ts';
import type { RevivedMessages } from './revived-message.ts';

/** How long after its time a check point still waits for acknowledgements that were on their way, in milliseconds. */
const GRACE_MS = ACK_TIME_INTERVAL + 1000;
/** Records read in one go: the loop serves clients between two goes. */
const BATCH = 1000;
/** Check points that may wait in memory; the log keeps the rest. */
const MAX_PENDING = 100_000;
/** Milliseconds until messages that could not be revived are tried again (PopReviveService.ckRewriteIntervalsInSeconds). */
const REPUT_INTERVALS = [
  10, 20, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200,
].map((seconds) => seconds * 1000);

interface Pending {
  readonly point: PopCheckPoint;
  /** Where its record is in the revive queue. */
  readonly reviveOffset: number;
  /** The messages, by index, that are acknowledged. */
  readonly acked: Set<number>;
}

/**
 * One queue of the revive log (PopReviveService): finds the acknowledgements of each check point and revives the messages
 * that have none when their time is over. The group REVIVE_GROUP's offset is the last record that is done with; after a
 * crash, what was revived since it was saved is revived again.
 */
export class ReviveQueue {
  readonly #parts: PopParts;
  readonly #log: ReviveLog;
  readonly #messages: RevivedMessages;
  readonly #timersUpTo: () => number;
  readonly #topic: string;
  readonly #queueId: number;
  readonly #pending = new Map<string, Pending>();
  /** The next record to read; undefined before the first round. */
  #offset: number | undefined;
  /** Every acknowledgement that was to come until then has been read, in milliseconds. */
  #endTime = 0;

  constructor(
    parts: PopParts,
    queueId: number,
    stores: { log: ReviveLog; messages: RevivedMessages; timersUpTo: () => number },
  ) {
    this.#parts = parts;
    this.#queueId = queueId;
    this.#log = stores.log;
    this.#messages = stores.messages;
    this.#timersUpTo = stores.timersUpTo;
    this.#topic = reviveTopic(parts.config.brokerClusterName);
  }

  /** Reads on and revives what is due. @returns whether there is more to read at once */
  run(): boolean {
    const more = this.#scan();
    this.#reviveDue();
    return more;
  }

  #scan(): boolean {
    const { store, consumerOffsets } = this.#parts;
    let offset = this.#offset ?? consumerOffsets.query(REVIVE_GROUP, this.#topic, this.#queueId) + 1;
    offset = Math.max(offset, store.getMinOffset(this.#topic, this.#queueId));
    const max = store.getMaxOffset(this.#topic, this.#queueId);
    // Timer messages are in the log before the time they are said to be delivered up to.
    const timersUpTo = this.#timersUpTo();
    const end = Math.min(max, offset + BATCH);
    for (; offset < end && this.#pending.size < MAX_PENDING; offset++) this.#read(offset);
    this.#offset = offset;
    // With too many of them at one time, the first ones don't wait for acknowledgements that may be further on.
    const full = this.#pending.size >= MAX_PENDING;
    if (offset >= max || full) this.#endTime = Math.max(this.#endTime, timersUpTo);
    return offset < max;
  }

  #read(offset: number): void {
    const { store } = this.#parts;
    const entry = store.queueEntry(this.#topic, this.#queueId, offset);
    const bytes = entry && store.readRecord(entry.physicalOffset, entry.size);
    const record = bytes && decodeRecord(bytes, 0);
    if (!record) return;
    const tag = record.property(MessageConst.PROPERTY_TAGS);
    if (tag === ReviveTag.CHECK_POINT) this.#addPoint(record.body, offset);
    else if (tag === ReviveTag.ACK || tag === ReviveTag.BATCH_ACK) this.#acknowledge(record.body);
    const deliverTime = Number(record.property(MessageConst.PROPERTY_TIMER_DELIVER_MS));
    if (deliverTime > this.#endTime && deliverTime <= this.#parts.storeClock.now())
      this.#endTime = deliverTime;
  }

  #addPoint(body: Buffer, reviveOffset: number): void {
    const point = decodeCheckPoint(body);
    if (!point) return;
    const key = mergeKey(point, this.#parts.config.brokerName);
    // One that comes twice, as after a crash, keeps the acknowledgements it has.
    if (!this.#pending.has(key)) this.#pending.set(key, { point, reviveOffset, acked: new Set() });
  }

  #acknowledge(body: Buffer): void {
    const ack = decodeAck(body);
    const pending = ack && this.#pending.get(mergeKey(ack, this.#parts.config.brokerName));
    if (!pending) return;
    for (const offset of ack.offsets) {
      const index = indexOfAck(pending.point, offset);
      if (index >= 0) pending.acked.add(index);
    }
  }

  /** In the order of the log, so that one offset says how far it is. */
  #reviveDue(): void {
    let done = -1;
    for (const [key, pending] of this.#pending) {
      if (this.#endTime - reviveTime(pending.point) <= GRACE_MS) break;
      if (!this.#settle(pending)) break;
      done = pending.reviveOffset;
      this.#pending.delete(key);
    }
    // Nothing waits: what was read are acknowledgements of what is done with.
    if (this.#pending.size === 0 && this.#offset !== undefined) done = Math.max(done, this.#offset - 1);
    const { consumerOffsets } = this.#parts;
    if (done > consumerOffsets.query(REVIVE_GROUP, this.#topic, this.#queueId))
      consumerOffsets.commit('PopRevive', REVIVE_GROUP, this.#topic, this.#queueId, done);
  }

  /** @returns false when the store takes nothing now: tried again in the next round */
  #settle(pending: Pending): boolean {
    const { point, acked } = pending;
    const { topics, subscriptionGroups, tick } = this.#parts;
    if (!topics.select(popNormalTopic(point.topic, point.group))) return true;
    if (!subscriptionGroups.select(point.group)) return true;
    for (let index = 0; index < point.num; index++) {
      if (acked.has(index)) continue;
      const offset = ackOffset(point, index);
      const status = this.#messages.revive(point, offset);
      if (status === 'SERVICE_NOT_AVAILABLE' || status === 'CREATE_MAPPED_FILE_FAILED') return false;
      if (status !== undefined && status !== 'PUT_OK') this.#rePut(point, offset);
      // What is revived already must not come once more when the rest is tried again.
      acked.add(index);
      tick.schedule();
    }
    return true;
  }

  #rePut(point: PopCheckPoint, offset: number): void {
    const { config, logger, storeClock } = this.#parts;
    const what = `message ${offset} of ${printable(point.topic)}, queue ${point.queueId}, group ${printable(point.group)}`;
    if (config.skipWhenCKRePutReachMaxTimes && point.rePutTimes >= REPUT_INTERVALS.length) {
      logger.error(`POP: the ${what} could not be revived: it is given up`);
      return;
    }
    logger.error(`POP: the ${what} could not be revived: it is tried again later`);
    const interval = REPUT_INTERVALS[Math.min(point.rePutTimes, REPUT_INTERVALS.length - 1)] ?? 0;
    const over = reviveTime(point) <= storeClock.now();
    this.#log.putCheckPoint(
      {
        ...point,
        startOffset: offset,
        num: 1,
        diffs: [0],
        rePutTimes: point.rePutTimes + 1,
        invisibleTime: point.invisibleTime + (over ? interval : 0),
      },
      this.#queueId,
    );
  }
}
