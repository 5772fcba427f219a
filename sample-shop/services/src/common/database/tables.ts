import { Table, type QueryRunner, type TableColumnOptions, type TableIndexOptions } from 'typeorm';

/** Columns for migrations, the same in PostgreSQL, MySQL and MariaDB. */
export const column = {
  id: (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
    name,
    type: 'bigint',
    ...more,
  }),
  key: (name: string): TableColumnOptions => ({ name, type: 'bigint', isPrimary: true }),
  statusKey: (name: string): TableColumnOptions => ({ name, type: 'smallint', isPrimary: true }),
  status: (name: string): TableColumnOptions => ({ name, type: 'smallint' }),
  count: (name: string): TableColumnOptions => ({ name, type: 'int' }),
  money: (name: string): TableColumnOptions => ({ name, type: 'decimal', precision: 10, scale: 2 }),
  time: (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
    name,
    type: 'bigint',
    ...more,
  }),
  text: (name: string, length: number): TableColumnOptions => ({
    name,
    type: 'varchar',
    length: String(length),
  }),
};

/** Creates a table in the service's schema, unless it is there: of two processes that migrate at once, one is later. */
export async function createTable(
  queryRunner: QueryRunner,
  name: string,
  columns: TableColumnOptions[],
  indices: TableIndexOptions[] = [],
): Promise<void> {
  await queryRunner.createTable(new Table({ name: inSchema(queryRunner, name), columns, indices }), true);
}

/** Drops a table of the service's schema. */
export async function dropTable(queryRunner: QueryRunner, name: string): Promise<void> {
  await queryRunner.dropTable(inSchema(queryRunner, name), true);
}

function inSchema({ dataSource }: QueryRunner, name: string): string {
  const { schema } = dataSource.options as { schema?: string };
  return schema === undefined ? name : `${schema}.${name}`;
}
