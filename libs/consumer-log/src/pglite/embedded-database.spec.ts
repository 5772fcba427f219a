import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { EmbeddedDatabase } from './index.ts';

describe('EmbeddedDatabase', () => {
  it('keeps apart what several connections ask at the same time', async () => {
    await using database = await EmbeddedDatabase.start();
    const pool = new pg.Pool({ connectionString: database.url, max: 8 });
    const asked = Array.from({ length: 200 }, (_, i) => i);
    const answers = await Promise.all(
      asked.map(async (i) => {
        const { rows } = await pool.query<{ i: number }>('SELECT $1::int AS i', [i]);
        return rows[0]?.i;
      }),
    );
    expect(answers).toEqual(asked);
    await pool.end();
  });

  it('answers each query for itself, also behind one that failed', async () => {
    await using database = await EmbeddedDatabase.start();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('CREATE TABLE t (n int PRIMARY KEY)');
    for (let round = 0; round < 50; round++) {
      // Asked at once, so that each is sent as soon as the one before it is answered.
      const answers = await Promise.allSettled([
        client.query('INSERT INTO t VALUES ($1)', [1]),
        client.query('BEGIN'),
        client.query('SELECT $1::int AS i', [round]),
        client.query('ROLLBACK'),
      ]);
      expect(answers[0].status).toBe(round === 0 ? 'fulfilled' : 'rejected');
      expect(answers[1]).toMatchObject({ status: 'fulfilled', value: { command: 'BEGIN' } });
      expect(answers[2]).toMatchObject({ value: { rows: [{ i: round }] } });
      expect(answers[3]).toMatchObject({ value: { command: 'ROLLBACK' } });
    }
    await client.end();
  });

  it('isolates transactions', async () => {
    await using database = await EmbeddedDatabase.start();
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    await pool.query('CREATE TABLE stock (n int)');
    await pool.query('INSERT INTO stock VALUES (0)');
    await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query('UPDATE stock SET n = n + $1', [n]);
        await client.query(n === 2 ? 'ROLLBACK' : 'COMMIT');
        client.release();
      }),
    );
    expect((await pool.query('SELECT n FROM stock')).rows).toEqual([{ n: 8 }]);
    await pool.end();
  });

  it('goes on when a connection is lost in the middle of a query, or of a transaction', async () => {
    await using database = await EmbeddedDatabase.start();
    for (const begun of [['BEGIN'], ['BEGIN', 'SELECT 1'], ['SELECT 1']]) {
      const lost = new pg.Client({ connectionString: database.url });
      lost.on('error', () => {});
      await lost.connect();
      for (const sql of begun) await lost.query(sql);
      const pending = lost.query('SELECT $1::int', [1]).catch(() => undefined);
      lost.connection.stream.destroy();
      await pending;
      const next = new pg.Client({ connectionString: database.url });
      await next.connect();
      expect((await next.query('SELECT $1::int AS i', [2])).rows).toEqual([{ i: 2 }]);
      await next.end();
    }
  });

  it('finds its files again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'embedded-database-'));
    for (const expected of [[], [{ name: 'kept' }]]) {
      const database = await EmbeddedDatabase.start({ directory });
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS t (name text)');
      expect((await client.query('SELECT name FROM t')).rows).toEqual(expected);
      await client.query("INSERT INTO t VALUES ('kept')");
      await client.end();
      await database.close();
      await database.close();
    }
    rmSync(directory, { recursive: true });
  }, 30_000);
});
