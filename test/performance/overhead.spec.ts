import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { comparison, median, type Series } from './table.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'listener-load.js');
const ROUNDS = Number(process.env['PERFORMANCE_ROUNDS'] ?? 5);
const WARM_UP_MS = 500;
const MEASURED_MS = Number(process.env['PERFORMANCE_TIME'] ?? 1200);
/** Enough for the fastest of them. */
const MESSAGES = 800_000;
const TOPIC = 'Overhead';
const THROUGH = ['starter', 'client'] as const;

/** What the two do besides is the same: they parse the body as JSON, and wait for the same. */
describe('the starter beside the bare client, 20 handlers at a time', () => {
  let folder: string;
  let nameServer: string;
  const servers: ServerProcess[] = [];
  const series: Series[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-overhead-'));
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    nameServer = `127.0.0.1:${namesrvPort}`;
    servers.push(await startNameServer(folder, namesrvPort));
    servers.unshift(await startBroker({ folder, port: brokerPort, nameServer }));
    await fill();
  }, 120_000);

  afterAll(async () => {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
    console.log(comparison(series, 'starter', ['client']));
  });

  async function fill(): Promise<void> {
    const admin = new MQAdmin({ nameServer });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: 8, writeQueueNums: 8 });
    await admin.shutdown();
    const producer = new DefaultMQProducer({ group: 'filler', nameServer });
    await producer.start();
    const properties = { contentType: 'application/json' };
    for (let sent = 0; sent < MESSAGES; sent += 1000) {
      const batch = Array.from({ length: 1000 }, (_, i) => ({
        topic: TOPIC,
        body: Buffer.from(
          JSON.stringify({ id: `order-${sent + i}`, amount: i + 1, lines: [{ sku: 'A', count: 2 }] }),
        ),
        properties,
      }));
      await producer.sendBatch(batch);
    }
    await producer.shutdown();
  }

  async function measure(through: string, waits: string): Promise<number> {
    const args = [PROGRAM, nameServer, TOPIC, through, waits, WARM_UP_MS, MEASURED_MS].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    // A logger may have had something to say before.
    return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { perSecond: number }).perSecond;
  }

  async function rounds(shape: string, waits: string): Promise<number> {
    const values: Record<string, number[]> = { starter: [], client: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const through of THROUGH) values[through]?.push(await measure(through, waits));
    for (const server of THROUGH)
      series.push({ shape, unit: 'messages/s', server, values: values[server] ?? [] });
    return median(values['starter'] ?? []) / median(values['client'] ?? []);
  }

  it('costs at most 15 % of the messages a second where handlers do anything that takes a millisecond', async () => {
    expect(await rounds('handlers that wait for a millisecond', '1ms')).toBeGreaterThanOrEqual(0.85);
  });

  it('costs what parsing, guards, pipes and filters cost where handlers do nothing at all', async () => {
    expect(await rounds('handlers that wait for a turn of the loop', 'turn')).toBeGreaterThan(0.75);
    expect(await rounds('handlers that wait for nothing', 'none')).toBeGreaterThan(0.4);
  });
});
