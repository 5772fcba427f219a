import { DataSource } from 'typeorm';
import { createSchema } from './create-schema.ts';
import { dataSourceOptions, type ServiceDatabase } from './database-options.ts';

/**
 * Opens a schema, which is created, and migrated, where that is needed.
 * @throws what the database throws: also when another process does the same at this moment
 */
export async function openDatabase(
  url: string,
  connections: number,
  database: ServiceDatabase,
): Promise<DataSource> {
  await createSchema(url, database.schema);
  const dataSource = await new DataSource(dataSourceOptions(url, connections, database)).initialize();
  try {
    await dataSource.runMigrations();
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
