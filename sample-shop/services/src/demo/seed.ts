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
    if (!this.when.demonstration) return;
    await this.seeded.transaction(async (manager) => {
      if ((await manager.count(this.table)) === 0) await this.write(manager);
    });
  }

  /** Writes what is there at first. */
  protected abstract write(manager: EntityManager): Promise<void>;
}
