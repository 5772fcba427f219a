import type { OnModuleInit } from '@nestjs/common';
import type { DataSource, EntityManager, EntityTarget } from 'typeorm';
import type { ShopSettings } from '../common/settings/settings.ts';

/** Puts something into a service's empty database when the shop is started for demonstration, before anything else starts. */
export abstract class Seed implements OnModuleInit {
  protected constructor(
    private readonly seeded: DataSource,
    private readonly when: ShopSettings,
    private readonly table: EntityTarget<object>,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.when.demonstration || (await this.#isThere())) return;
    try {
      await this.seeded.transaction((manager) => this.write(manager));
    } catch (error) {
      // Another process of the service was faster.
      if (!(await this.#isThere())) throw error;
    }
  }

  async #isThere(): Promise<boolean> {
    return (await this.seeded.manager.count(this.table)) > 0;
  }

  /** Writes what is there at first. */
  protected abstract write(manager: EntityManager): Promise<void>;
}
