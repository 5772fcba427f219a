import type { Clock } from '@nest-rocketmq/runtime';
import type { MessageQueue } from '@nest-rocketmq/protocol';

/** How long a lock lives after it was last renewed, in milliseconds (RebalanceLockManager). */
export const LOCK_MAX_LIVE_MS = 60_000;

interface QueueLock {
  clientId: string;
  renewedAt: number;
}

/** Which client of a group may consume a queue in order (RebalanceLockManager). */
export class QueueLocks {
  readonly #clock: Clock;
  readonly #groups = new Map<string, Map<string, QueueLock>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Locks what is free, expired or the client's already. @returns the queues the client now holds */
  lock(group: string, queues: readonly MessageQueue[], clientId: string): MessageQueue[] {
    let locks = this.#groups.get(group);
    if (!locks) this.#groups.set(group, (locks = new Map()));
    const now = this.#clock.now();
    const held: MessageQueue[] = [];
    for (const queue of queues) {
      const key = keyOf(queue);
      const known = locks.get(key);
      if (known && known.clientId !== clientId && !isExpired(known, now)) continue;
      locks.set(key, { clientId, renewedAt: now });
      held.push(queue);
    }
    return held;
  }

  /** Gives back what the client holds; queues of others are left alone. */
  unlock(group: string, queues: readonly MessageQueue[], clientId: string): void {
    const locks = this.#groups.get(group);
    if (!locks) return;
    for (const queue of queues) {
      const key = keyOf(queue);
      if (locks.get(key)?.clientId === clientId) locks.delete(key);
    }
    if (locks.size === 0) this.#groups.delete(group);
  }

  /** Whether a client of the group holds any queue: then the group consumes in order. */
  isHeld(group: string): boolean {
    const locks = this.#groups.get(group);
    if (!locks) return false;
    const now = this.#clock.now();
    for (const lock of locks.values()) if (!isExpired(lock, now)) return true;
    return false;
  }

  /** Forgets expired locks. */
  expire(): void {
    const now = this.#clock.now();
    for (const [group, locks] of this.#groups) {
      for (const [key, lock] of locks) if (isExpired(lock, now)) locks.delete(key);
      if (locks.size === 0) this.#groups.delete(group);
    }
  }
}

function keyOf(queue: MessageQueue): string {
  return `${queue.topic}@${queue.queueId}@${queue.brokerName}`;
}

function isExpired(lock: QueueLock, now: number): boolean {
  return now - lock.renewedAt > LOCK_MAX_LIVE_MS;
}
