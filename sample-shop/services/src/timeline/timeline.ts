import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { scheduleEvery, systemClock, type Scheduled } from '@nest-rocketmq/runtime';
import { nestLogger, RocketMQRegistry, type MessageExt, type TransactionMessage } from 'nest-rocketmq';
import { TIMELINE_KINDS, type Id, type TimelineEntry } from '@sample-shop/api';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ServiceName } from '../common/settings/service-name.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { TimelineRecorder } from './timeline-recorder.ts';
import { TimelineStore } from './timeline-store.ts';
import { TimelineWriter } from './timeline-writer.ts';
import { toTimelineEntry, type TimelineEntity } from './timeline.entity.ts';

/** Injects the name of the service that a timeline is of. */
export const TIMELINE_OF = Symbol('TimelineOf');

const FLUSH_MS = 2000;
const KEPT_MS = 7 * 86_400_000;
const PRUNE_INTERVAL_MS = 3_600_000;

/** What happened to the messages of each order. Each service writes down its own part; any can read all of it. */
@Injectable()
export class Timeline implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #store: TimelineStore;
  readonly #writer: TimelineWriter;
  readonly #recorder: TimelineRecorder;
  readonly #logger = nestLogger('timeline');
  #pruning: Scheduled | undefined;

  /** @throws Error when the settings have no database */
  constructor(
    @Inject(TIMELINE_OF) service: ServiceName,
    registry: RocketMQRegistry,
    @InjectSettings() { databaseUrl }: ShopSettings,
  ) {
    if (databaseUrl === undefined) throw new Error('The settings have no database');
    this.#store = new TimelineStore(databaseUrl);
    this.#writer = new TimelineWriter(this.#store, systemClock, this.#logger);
    const consumes = (group: string): boolean =>
      registry.list().some(({ consumerGroup }) => consumerGroup === group);
    this.#recorder = new TimelineRecorder({ group: service, consumes }, (event) => this.#writer.add(event));
  }

  onModuleInit(): void {
    this.#recorder.start();
  }

  onApplicationBootstrap(): void {
    this.#pruning = scheduleEvery(systemClock, PRUNE_INTERVAL_MS, PRUNE_INTERVAL_MS, () => {
      this.#store
        .prune(new Date(Date.now() - KEPT_MS))
        .catch((error: unknown) => this.#logger.warn('Old timelines are still there', error));
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#pruning?.cancel();
    this.#recorder.stop();
    await this.#writer.close(FLUSH_MS);
    await this.#store.close();
  }

  /** Writes down how the transaction of a message ended. */
  transactionEnded(message: TransactionMessage | MessageExt, kind: 'committed' | 'rolled back'): void {
    this.#recorder.transactionEnded(message, kind);
  }

  /** What is known of an order's messages, oldest first. @throws what the database throws */
  async of(orderId: Id): Promise<TimelineEntry[]> {
    return (await this.#store.read(orderId)).sort(byTime).map(toTimelineEntry);
  }
}

/** What happened in the same millisecond happened in the order of a message's life. */
function byTime(a: TimelineEntity, b: TimelineEntity): number {
  return (
    a.time.getTime() - b.time.getTime() || TIMELINE_KINDS.indexOf(a.kind) - TIMELINE_KINDS.indexOf(b.kind)
  );
}
