import { DataSource } from 'typeorm';
import { isMySql, poolOf } from './database-options.ts';

const NAME = /^[a-z_]{1,63}$/;

/** Creates a service's schema (MySQL, MariaDB: its database) where it is not there. @throws what the database throws */
export async function createSchema(url: string, schema: string): Promise<void> {
  if (!NAME.test(schema)) throw new Error(`'${schema}' is not the name of a schema`);
  const mysql = isMySql(url);
  const connection = mysql
    ? new DataSource({ type: 'mysql', url: url.replace(/^mariadb:/, 'mysql:') })
    : new DataSource({ type: 'postgres', url, extra: poolOf(1) });
  await connection.initialize();
  try {
    if (await isThere(connection, schema)) return;
    const sql = mysql ? `CREATE DATABASE ${schema} CHARACTER SET utf8mb4` : `CREATE SCHEMA ${schema}`;
    await connection.query(sql).catch(async (error: unknown) => {
      // Another process of the service was faster.
      if (!(await isThere(connection, schema))) throw error;
    });
  } finally {
    await connection.destroy();
  }
}

/** Asked first: who may use a schema need not be allowed to create one. */
async function isThere(connection: DataSource, schema: string): Promise<boolean> {
  const found = await connection.query<unknown[]>(
    `SELECT 1 FROM information_schema.schemata WHERE schema_name = '${schema}'`,
  );
  return found.length > 0;
}
