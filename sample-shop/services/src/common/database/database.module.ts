import { setTimeout } from 'node:timers/promises';
import { Global, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ShopSettings } from '../settings/settings.ts';
import type { ServiceDatabase } from './database-options.ts';
import { openDatabase } from './open-database.ts';

/** How often a database is tried at boot, and how many milliseconds lie between. */
const ATTEMPTS = 5;
const RETRY_MS = 1_000;

/**
 * The data source of one service: its schema is created, and its migrations are run, before anything else starts. It is a provider of
 * the application and no `TypeOrmModule.forRoot()`: that keeps the names of data sources for the whole process, where several
 * services may be.
 */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Error when the settings have no database: whoever runs the shop gives it one */
  static of(settings: ShopSettings, database: ServiceDatabase): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: DataSource, useFactory: () => open(settings, database) }],
      exports: [DataSource],
    };
  }

  /** After listeners have drained. */
  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/** Tries again: the database may start later than its services, and another process may run the same migrations. */
async function open(settings: ShopSettings, database: ServiceDatabase): Promise<DataSource> {
  const { databaseUrl: url, databaseConnections } = settings;
  if (url === undefined) throw new Error('The settings have no database');
  for (let attempt = 1; ; attempt++) {
    try {
      return await openDatabase(url, databaseConnections, database);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      const reason = (error as Error).message || 'no connection';
      new Logger('database').warn(
        `${database.schema} can't be opened: ${reason}; once more in ${RETRY_MS} ms`,
      );
      await setTimeout(RETRY_MS);
    }
  }
}
