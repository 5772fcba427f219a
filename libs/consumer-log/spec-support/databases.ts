import { DataSource, type DataSourceOptions } from 'typeorm';
import { EmbeddedDatabase } from '../src/pglite/index.ts';
import { createConsumerLogTables } from '../src/typeorm/tables.ts';

/** A database for a spec, with the tables of the log and one of the business. */
export interface TestDatabase {
  readonly dataSource: DataSource;
  readonly url: string;
  close(): Promise<void>;
}

/** A kind of database that a spec runs on. */
export interface DatabaseKind {
  readonly name: string;
  /** Why it can't be had here; undefined when it can. */
  readonly missing: string | undefined;
  readonly start: () => Promise<TestDatabase>;
}

/** A table of the business: what a handler changes. */
export const BUSINESS = 'business_change';

/** PostgreSQL in this process: it is always there. */
export const pglite: DatabaseKind = {
  name: 'PGlite',
  missing: undefined,
  async start() {
    const database = await EmbeddedDatabase.start();
    const opened = await open({ type: 'postgres', url: database.url });
    return {
      dataSource: opened,
      url: database.url,
      async close() {
        await opened.destroy();
        await database.close();
      },
    };
  },
};

/** Opens a data source and creates what specs need. */
export async function open(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = await new DataSource(options).initialize();
  await createBusinessTable(dataSource);
  const queryRunner = dataSource.createQueryRunner();
  await createConsumerLogTables(queryRunner);
  await queryRunner.release();
  return dataSource;
}

async function createBusinessTable(dataSource: DataSource): Promise<void> {
  await dataSource.query(`CREATE TABLE IF NOT EXISTS ${BUSINESS} (name varchar(255) NOT NULL)`);
}
