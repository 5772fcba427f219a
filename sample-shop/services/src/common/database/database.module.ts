import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ShopSettings } from '../settings/settings.ts';
import { createSchema } from './create-schema.ts';
import { dataSourceOptions, type ServiceDatabase } from './database-options.ts';

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

async function open(settings: ShopSettings, database: ServiceDatabase): Promise<DataSource> {
  const { databaseUrl: url, databaseConnections } = settings;
  if (url === undefined) throw new Error('The settings have no database');
  await createSchema(url, database.schema);
  const dataSource = await new DataSource(dataSourceOptions(url, databaseConnections, database)).initialize();
  await dataSource.runMigrations();
  return dataSource;
}
