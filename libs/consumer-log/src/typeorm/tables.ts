import { Table, TableIndex, type DataSource, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { LONGEST_NAME } from '../log/storable-text.ts';

/** What the tables are called. */
export interface TableNames {
  /** Default `trade_mq_consumer_log`. */
  readonly consumerLog: string;
  /** Default `trade_mq_producer_temp`. */
  readonly producerTemp: string;
}

export const DEFAULT_TABLES: TableNames = {
  consumerLog: 'trade_mq_consumer_log',
  producerTemp: 'trade_mq_producer_temp',
};

type Dialect = 'postgres' | 'mysql';

/** @throws RocketMQError `INVALID_CONFIG` when the data source is of another kind of database */
export function dialectOf(dataSource: DataSource): Dialect {
  const { type } = dataSource.options;
  if (type === 'postgres') return 'postgres';
  if (type === 'mysql' || type === 'mariadb') return 'mysql';
  throw new RocketMQError(
    'INVALID_CONFIG',
    `@nest-rocketmq/consumer-log needs a TypeORM data source of type postgres, mysql or mariadb, not ${type}`,
  );
}

/** The path of a table: in the data source's schema where it has one. */
export function tablePath(dataSource: DataSource, name: string): string {
  const { schema } = dataSource.options as { schema?: string };
  return schema === undefined || name.includes('.') ? name : `${schema}.${name}`;
}

/**
 * Creates the tables where they are not there yet: at boot (`createTables: true`), or from a migration of the application.
 * Two processes may do so at the same time.
 */
export async function createConsumerLogTables(
  queryRunner: QueryRunner,
  names: Partial<TableNames> = {},
): Promise<void> {
  for (const table of tablesOf(queryRunner.dataSource, { ...DEFAULT_TABLES, ...names })) {
    if (await queryRunner.hasTable(table.name)) continue;
    try {
      await queryRunner.createTable(table, true, false, true);
    } catch (error) {
      // Another process was faster; in PostgreSQL that is an error in spite of IF NOT EXISTS.
      if (queryRunner.isTransactionActive || !(await queryRunner.hasTable(table.name))) throw error;
    }
  }
}

/** Drops the tables, for the way back of a migration. */
export async function dropConsumerLogTables(
  queryRunner: QueryRunner,
  names: Partial<TableNames> = {},
): Promise<void> {
  const { consumerLog, producerTemp } = { ...DEFAULT_TABLES, ...names };
  for (const name of [consumerLog, producerTemp])
    await queryRunner.dropTable(tablePath(queryRunner.dataSource, name), true);
}

function tablesOf(dataSource: DataSource, { consumerLog, producerTemp }: TableNames): Table[] {
  const types = columnTypes(dialectOf(dataSource));
  return [
    new Table({
      name: tablePath(dataSource, consumerLog),
      columns: [
        { ...types.name('group_name'), isPrimary: true },
        { ...types.name('msg_tag'), isPrimary: true },
        { ...types.name('msg_key'), isPrimary: true },
        types.name('msg_id'),
        types.text('msg_body'),
        { name: 'consumer_status', type: 'smallint' },
        { name: 'consumer_times', type: 'int' },
        { name: 'consumer_timestamp', type: 'bigint' },
        types.text('remark'),
      ],
      indices: [
        new TableIndex({
          name: `idx_${unqualified(consumerLog)}_status`,
          columnNames: ['consumer_status', 'consumer_timestamp'],
        }),
      ],
    }),
    new Table({
      name: tablePath(dataSource, producerTemp),
      columns: [
        { name: 'id', type: 'bigint', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
        types.name('group_name'),
        types.name('msg_topic'),
        types.text('msg_tag'),
        types.text('msg_key'),
        types.text('msg_body'),
        { name: 'msg_status', type: 'smallint' },
        { name: 'create_time', type: 'bigint' },
        types.text('msg_fields'),
        types.name('hash_key'),
        { name: 'send_times', type: 'int' },
        { name: 'status_time', type: 'bigint' },
        types.name('lease_owner'),
        { name: 'lease_until', type: 'bigint' },
        types.text('remark'),
      ],
      indices: [
        new TableIndex({
          name: `idx_${unqualified(producerTemp)}_due`,
          columnNames: ['msg_status', 'group_name', 'status_time'],
        }),
        new TableIndex({
          name: `idx_${unqualified(producerTemp)}_order`,
          columnNames: ['hash_key', 'msg_status'],
        }),
        new TableIndex({
          name: `idx_${unqualified(producerTemp)}_lease`,
          columnNames: ['lease_owner'],
        }),
      ],
    }),
  ];
}

/** Text that is compared byte by byte in every database: keys that differ in case are different keys. */
function columnTypes(dialect: Dialect): Record<'name' | 'text', (name: string) => TableColumnOptions> {
  const exact = dialect === 'mysql' ? { charset: 'utf8mb4', collation: 'utf8mb4_bin' } : {};
  return {
    name: (name) => ({ name, type: 'varchar', length: String(LONGEST_NAME), ...exact }),
    text: (name) => ({ name, type: dialect === 'mysql' ? 'mediumtext' : 'text', ...exact }),
  };
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
