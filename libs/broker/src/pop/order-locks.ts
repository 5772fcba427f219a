import type { Clock, Scheduled } from '@nest-rocketmq/runtime';
import type { ConsumerOrderInfo } from './consumer-order-info.ts';
import type { HeldPops } from './held-pops.ts';

/**
 * Wakes pops that wait for a queue consumed in order when its messages become visible again
 * (ConsumerOrderInfoLockManager).
 */
export class OrderLocks {
  readonly #orders: ConsumerOrderInfo;
  readonly #held: readonly HeldPops[];
  readonly #clock: Clock;
  readonly #timers = new Map<string, Scheduled>();
  #closed = false;

  constructor(orders: ConsumerOrderInfo, held: readonly HeldPops[], clock: Clock) {
    this.#orders = orders;
    this.#held = held;
    this.#clock = clock;
  }

  /** Wakes now when the queue gives messages, else when it will. To be called after every change of its order. */
  watch(topic: string, group: string, queueId: number): void {
    const key = keyOf(topic, group, queueId);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    if (this.#closed) return;
    const until = this.#orders.blockedUntil(topic, group, queueId, undefined);
    if (until === undefined) {
      for (const held of this.#held) held.wakeQueue(topic, group, queueId);
      return;
    }
    const delay = Math.max(1, until - this.#clock.now());
    this.#timers.set(
      key,
      this.#clock.schedule(delay, () => this.watch(topic, group, queueId)),
    );
  }

  /** As {@link watch}, where nothing is under way: after a restart. */
  ensure(topic: string, group: string, queueId: number): void {
    if (!this.#timers.has(keyOf(topic, group, queueId))) this.watch(topic, group, queueId);
  }

  /** Cancels what waits. */
  shutdown(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}

function keyOf(topic: string, group: string, queueId: number): string {
  return `${topic}@${group}@${queueId}`;
}
