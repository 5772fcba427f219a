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
    await connection.query(
      mysql
        ? `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`
        : `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    );
  } finally {
    await connection.destroy();
  }
}
