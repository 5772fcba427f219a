import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { EmbeddedDatabase } from '@nest-rocketmq/consumer-log/pglite';
import { DataSource } from 'typeorm';

const PROCESS = fileURLToPath(new URL('consumer-log-process.js', import.meta.url));
const MESSAGES = 60;
const LANES = 4;
const PROCESSES = 2;
const KILLS = 8;
const LIFE_MS = 700;

/** How a process ended, or has ended before: `null` when it was killed. */
const exit = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)));

describe('consumers and relays that are killed', () => {
  it('change the business once for each message, and send everything in the order of its key', async () => {
    await using database = await EmbeddedDatabase.start();
    const dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const queryRunner = dataSource.createQueryRunner();
    await createConsumerLogTables(queryRunner);
    await queryRunner.release();
    await dataSource.query('CREATE TABLE changed (name text)');
    await dataSource.query('CREATE TABLE sent (sequence bigserial, id bigint, name text, lane text)');

    const start = (): ChildProcess =>
      spawn(process.execPath, [PROCESS, database.url, String(MESSAGES), String(LANES)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    const running = Array.from({ length: PROCESSES }, start);
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, LIFE_MS + Math.random() * LIFE_MS));
      const victim = running[kill % PROCESSES];
      if (!victim) continue;
      const ended = exit(victim);
      victim.kill('SIGKILL');
      if ((await ended) === null) killed++;
      running[kill % PROCESSES] = start();
    }
    expect(await Promise.all(running.map(exit))).toEqual(running.map(() => 0));
    expect(killed).toBeGreaterThan(0);

    const names = Array.from({ length: MESSAGES }, (_, index) => `message-${index}`);
    const changed: { name: string }[] = await dataSource.query('SELECT name FROM changed');
    expect(changed.map(({ name }) => name).sort()).toEqual([...names].sort());
    const sent: { id: string; name: string; lane: string }[] = await dataSource.query(
      'SELECT id, name, lane FROM sent ORDER BY sequence',
    );
    expect([...new Set(sent.map(({ name }) => name))].sort()).toEqual([...names].sort());
    for (let lane = 0; lane < LANES; lane++) {
      const first = [
        ...new Set(sent.filter((one) => one.lane === `lane-${lane}`).map(({ id }) => Number(id))),
      ];
      expect(first).toEqual([...first].sort((a, b) => a - b));
    }
    await dataSource.destroy();
  });
});
