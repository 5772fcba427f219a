import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { scheduleEvery, systemClock, type Scheduled } from '@nest-rocketmq/runtime';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { OrderStates } from './order-states.ts';

/** Cancels orders whose placing ended between two steps: its process was killed, or the database was away. */
@Injectable()
export class ForgottenOrdersSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('order-service');
  #scheduled: Scheduled | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly states: OrderStates,
    @InjectSettings() private readonly settings: ShopSettings,
  ) {}

  onApplicationBootstrap(): void {
    const { sweepInterval } = this.settings;
    this.#scheduled = scheduleEvery(systemClock, sweepInterval, sweepInterval, () => {
      this.#running = this.#running.then(() => this.#sweepOrWarn());
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#scheduled?.cancel();
    await this.#running;
  }

  /** Looks once. @returns how many were cancelled */
  async sweep(): Promise<number> {
    const before = new Date(Date.now() - this.settings.unconfirmedTimeout);
    let cancelled = 0;
    for (const orderId of await this.states.forgotten(before)) {
      if (await this.states.cancelUnconfirmed(orderId)) cancelled++;
    }
    return cancelled;
  }

  async #sweepOrWarn(): Promise<void> {
    try {
      const cancelled = await this.sweep();
      if (cancelled > 0) this.#logger.warn(`${cancelled} orders that nobody confirmed were cancelled`);
    } catch (error) {
      // The database is away: the next look is another chance.
      this.#logger.warn(`Forgotten orders could not be looked for: ${(error as Error).message}`);
    }
  }
}
