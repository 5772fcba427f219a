import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import { popNumberInfo, popOrderKey, popRetryOf } from '@nest-rocketmq/protocol';
import type { ConfigFile } from '../config/config-file.ts';
import { member, members } from '../config/json-fields.ts';
import {
  blockedUntil,
  consumedCounts,
  nextOffset,
  readOrderInfo,
  writeOrderInfo,
  type OrderInfo,
} from './order-info.ts';

/** What an ordered pop took. */
export interface OrderedPop {
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  readonly attemptId: string | undefined;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly offsets: readonly number[];
}

/** What became of the acknowledgement of an ordered message. */
export type OrderedAck = { readonly nextOffset: number } | 'STALE' | 'ILLEGAL';

/** Orders of queues that nobody popped for so long are forgotten: a day. */
const CLEAN_AFTER_MS = 24 * 3_600_000;

/**
 * What groups that pop in order have taken and not acknowledged, by queue (ConsumerOrderInfoManager): while there is
 * any, the queue gives nothing more. Kept in `consumerOrderInfo.json`.
 */
export class ConsumerOrderInfo {
  readonly #file: ConfigFile;
  readonly #clock: Clock;
  readonly #period: number;
  /** `topic@group` -> queueId -> order, as in the file. */
  readonly #table = new Map<string, Map<number, OrderInfo>>();
  #dirty = false;
  #timer: Scheduled | undefined;

  /** @param period milliseconds between two writes of the file */
  constructor(file: ConfigFile, clock: Clock, period: number) {
    this.#file = file;
    this.#clock = clock;
    this.#period = period;
  }

  /**
   * Reads the file.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    for (const [key, queues] of members(member(this.#file.load(), 'table'))) {
      const orders = new Map<number, OrderInfo>();
      for (const [queueId, value] of members(queues)) {
        const info = readOrderInfo(value);
        if (info && Number.isInteger(Number(queueId))) orders.set(Number(queueId), info);
      }
      this.#table.set(key, orders);
    }
  }

  /** Starts the periodic write. */
  start(): void {
    this.#timer ??= scheduleEvery(this.#clock, this.#period, this.#period, () => this.flush());
  }

  /** Stops the periodic write and writes what is left. */
  shutdown(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.flush();
  }

  /** Writes the file when something changed since the last time. */
  flush(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#clean();
    const table = new Map(
      [...this.#table].map(([key, queues]) => [
        key,
        new Map([...queues].map(([queueId, info]) => [queueId, writeOrderInfo(info)])),
      ]),
    );
    this.#file.persist({ table });
  }

  /** Remembers what was taken. @returns the entries of orderCountInfo: how often each message was handed out before */
  take(pop: OrderedPop): string[] {
    const key = keyOf(pop.topic, pop.group);
    let queues = this.#table.get(key);
    if (!queues) this.#table.set(key, (queues = new Map()));
    const previous = queues.get(pop.queueId);
    const consumed = consumedCounts(previous, pop.attemptId, pop.offsets);
    queues.set(pop.queueId, {
      attemptId: pop.attemptId,
      popTime: pop.popTime,
      invisibleTime: pop.invisibleTime,
      offsets: pop.offsets,
      consumed,
      nextVisible: new Map(),
      lastConsumeTimestamp: this.#clock.now(),
      acked: new Set(),
    });
    this.#dirty = true;
    const retry = popRetryOf(pop.topic);
    const counts = [...consumed].map(([offset, count]) =>
      popNumberInfo(retry, popOrderKey(pop.queueId, offset), count),
    );
    // Old clients know one count for the whole queue.
    const least = consumed.size < pop.offsets.length ? 0 : Math.min(...consumed.values());
    return [...counts, popNumberInfo(retry, pop.queueId, least)];
  }

  /** Until when a queue gives nothing, in milliseconds; undefined when it does. An attempt is let through again. */
  blockedUntil(
    topic: string,
    group: string,
    queueId: number,
    attemptId: string | undefined,
  ): number | undefined {
    const info = this.#find(topic, group, queueId);
    if (!info) return undefined;
    if (attemptId !== undefined && info.attemptId === attemptId) return undefined;
    return blockedUntil(info, this.#clock.now());
  }

  /** Acknowledges a message. */
  acknowledge(topic: string, group: string, queueId: number, offset: number, popTime: number): OrderedAck {
    const info = this.#find(topic, group, queueId);
    if (!info) return { nextOffset: offset + 1 };
    if (info.popTime !== popTime) return 'STALE';
    const index = info.offsets.indexOf(offset);
    if (index < 0) return 'ILLEGAL';
    info.acked.add(index);
    this.#dirty = true;
    return { nextOffset: nextOffset(info) };
  }

  /** Sets when a message may come again, in milliseconds; one of another pop is left alone. */
  changeVisibleTime(pop: Omit<OrderedPop, 'attemptId' | 'invisibleTime'>, visibleTime: number): void {
    const info = this.#find(pop.topic, pop.group, pop.queueId);
    if (!info || info.popTime !== pop.popTime) return;
    for (const offset of pop.offsets) info.nextVisible.set(offset, visibleTime);
    this.#dirty = true;
  }

  /** Forgets what was taken of a queue: its offset was reset. */
  clear(topic: string, group: string, queueId: number): void {
    if (this.#table.get(keyOf(topic, group))?.delete(queueId)) this.#dirty = true;
  }

  /** Forgets everything about a topic (215). */
  removeTopic(topic: string): void {
    for (const key of this.#table.keys())
      if (key.startsWith(`${topic}@`) && this.#table.delete(key)) this.#dirty = true;
  }

  #find(topic: string, group: string, queueId: number): OrderInfo | undefined {
    return this.#table.get(keyOf(topic, group))?.get(queueId);
  }

  #clean(): void {
    const oldest = this.#clock.now() - CLEAN_AFTER_MS;
    for (const [key, queues] of this.#table) {
      for (const [queueId, info] of queues) if (info.lastConsumeTimestamp < oldest) queues.delete(queueId);
      if (queues.size === 0) this.#table.delete(key);
    }
  }
}

function keyOf(topic: string, group: string): string {
  return `${topic}@${group}`;
}
