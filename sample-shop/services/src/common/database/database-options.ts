import type { EventEmitter } from 'node:events';
import type { DataSourceOptions, EntitySchema, MixedList } from 'typeorm';

/** What a service's data source is made of. */
export interface ServiceDatabase {
  /** The schema (MySQL, MariaDB: the database) that the service has for itself: `shop_goods`. */
  readonly schema: string;
  readonly entities: MixedList<(new () => object) | EntitySchema>;
  readonly migrations: MixedList<new () => object>;
}

/** Whether a URL is of MySQL or MariaDB; otherwise it is of PostgreSQL. */
export function isMySql(url: string): boolean {
  return /^(mysql|mariadb):/.test(url);
}

/** TypeORM's options for a service on a database: its own schema, ids and money as text. */
export function dataSourceOptions(
  url: string,
  connections: number,
  { schema, entities, migrations }: ServiceDatabase,
): DataSourceOptions {
  const common = { entities, migrations, migrationsTableName: 'trade_migrations', synchronize: false };
  if (!isMySql(url)) {
    return { ...common, type: 'postgres', url, schema, extra: poolOf(connections) };
  }
  return {
    ...common,
    type: 'mysql',
    url: urlOfSchema(url, schema),
    supportBigNumbers: true,
    bigNumberStrings: true,
    charset: 'utf8mb4',
    // As PostgreSQL: what is read after a lock is what the last holder of the lock committed.
    isolationLevel: 'READ COMMITTED',
    extra: { connectionLimit: connections },
  };
}

/**
 * A pool of connections to PostgreSQL. One that the server ends at the moment it is handed out has nobody else who listens, which
 * would end the process; whoever uses it is told by the first query.
 */
export function poolOf(connections: number): object {
  const onConnect = (client: EventEmitter): void => void client.on('error', () => undefined);
  return { max: connections, onConnect };
}

/** The same server, with another database. */
function urlOfSchema(url: string, schema: string): string {
  const changed = new URL(url.replace(/^mariadb:/, 'mysql:'));
  changed.pathname = `/${schema}`;
  return changed.href;
}
