import { scheduleEvery, type Clock, type Scheduled } from '@nest-rocketmq/runtime';
import type { Connection } from '@nest-rocketmq/remoting';
import type { SubscriptionGroupManager } from '../subscription/subscription-group-manager.ts';
import type { ConsumerManager } from './consumer-manager.ts';
import type { ProducerManager } from './producer-manager.ts';
import type { QueueLocks } from './queue-locks.ts';

const SCAN_PERIOD_MS = 10_000;

/**
 * Removes clients that are gone: at once when their connection closes, and by a scan every 10 s when no heartbeat came
 * for `channelExpiredTimeout` milliseconds (ClientHousekeepingService).
 */
export class ClientHousekeeping {
  readonly #producers: ProducerManager;
  readonly #consumers: ConsumerManager;
  readonly #notify: (group: string) => boolean;
  readonly #scan: Scheduled;

  constructor(
    parts: { producers: ProducerManager; consumers: ConsumerManager; queueLocks: QueueLocks },
    groups: SubscriptionGroupManager,
    clock: Clock,
    channelExpiredTimeout: number,
  ) {
    this.#producers = parts.producers;
    this.#consumers = parts.consumers;
    this.#notify = (group) => groups.select(group)?.notifyConsumerIdsChangedEnable ?? true;
    this.#scan = scheduleEvery(clock, SCAN_PERIOD_MS, SCAN_PERIOD_MS, () => {
      const since = clock.now() - channelExpiredTimeout;
      parts.producers.expire(since);
      parts.consumers.expire(since, this.#notify);
      parts.queueLocks.expire();
    });
  }

  /** To be called for every connection that ended. */
  onConnectionClosed(connection: Connection): void {
    this.#producers.onConnectionClosed(connection);
    this.#consumers.onConnectionClosed(connection, this.#notify);
  }

  /** Stops the scan. */
  shutdown(): void {
    this.#scan.cancel();
  }
}
