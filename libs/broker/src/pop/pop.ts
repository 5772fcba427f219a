import type { Clock } from '@nest-rocketmq/runtime';
import type { MessageStore } from '@nest-rocketmq/store';
import type { ConsumerOrderInfo } from './consumer-order-info.ts';
import { HeldPops } from './held-pops.ts';
import type { MessageRequestModes } from './message-request-modes.ts';
import { OrderLocks } from './order-locks.ts';
import type { PopParts } from './pop-parts.ts';
import { ReviveLog } from './revive-log.ts';
import { ReviveService } from './revive-service.ts';
import { TopicQueues } from './topic-queues.ts';

/** What a broker keeps for POP beside its messages. */
export class Pop {
  /** The time that invisible messages wait by: the store's. */
  readonly clock: Clock;
  readonly modes: MessageRequestModes;
  readonly orders: ConsumerOrderInfo;
  readonly orderLocks: OrderLocks;
  readonly log: ReviveLog;
  readonly revive: ReviveService;
  /** The queues of the cluster's topics, to share among clients. */
  readonly queues: TopicQueues;
  /** Pops that wait. */
  readonly held: HeldPops;
  /** Questions whether there is something to pop (200054) that wait. */
  readonly notified: HeldPops;
  readonly #store: MessageStore;

  constructor(parts: PopParts, tables: { modes: MessageRequestModes; orders: ConsumerOrderInfo }) {
    const { config, store, tick, clock, storeClock, timerDelivery } = parts;
    this.clock = storeClock;
    this.#store = store;
    this.modes = tables.modes;
    this.orders = tables.orders;
    this.log = new ReviveLog(parts);
    this.queues = new TopicQueues(parts);
    const limits = { perQueue: config.popPollingSize, total: config.maxPopPollingSize };
    this.held = new HeldPops(store, tick, clock, limits);
    this.notified = new HeldPops(store, tick, clock, limits);
    this.orderLocks = new OrderLocks(this.orders, [this.held, this.notified], storeClock);
    const late = (): boolean =>
      timerDelivery === undefined || timerDelivery.behindMessages > 0 || timerDelivery.behindMs > 0;
    this.revive = new ReviveService(parts, this.log, () => (late() ? 0 : storeClock.now()));
  }

  /** Answers those whose messages came in this tick. To be called after the store's commit. */
  wake(): void {
    this.notified.wake();
    // The check points of what they took are written before their answers leave.
    if (this.held.wake()) this.#store.commit();
  }

  /** Starts reviving. */
  start(): void {
    this.revive.start();
  }

  /** Stops reviving and lets go of what waits, unanswered. */
  async shutdown(): Promise<void> {
    this.revive.shutdown();
    this.orderLocks.shutdown();
    this.held.shutdown();
    this.notified.shutdown();
    await this.queues.shutdown();
  }
}
