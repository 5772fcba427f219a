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
const TOPICS = [
  { topic: 'Overhead', messages: 800_000, text: '' },
  { topic: 'Overhead1KiB', messages: 400_000, text: 'x'.repeat(940) },
] as const;
/** Messages a second of the starter to those of the client. */
const LEAST = 0.85;
const THROUGH = ['starter', 'client'] as const;

/** What a run tells. */
interface Measured {
  perSecond: number;
  /** Processor time of a message, in microseconds. */
  cpuUs: number;
}

interface Ratios {
  rate: number;
  work: number;
}

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
    for (const { topic } of TOPICS) await admin.createTopic({ topic, readQueueNums: 8, writeQueueNums: 8 });
    await admin.shutdown();
    const producer = new DefaultMQProducer({ group: 'filler', nameServer });
    await producer.start();
    const properties = { contentType: 'application/json' };
    for (const { topic, messages, text } of TOPICS) {
      for (let sent = 0; sent < messages; sent += 1000) {
        const batch = Array.from({ length: 1000 }, (_, i) => {
          const order = { id: `order-${sent + i}`, amount: i + 1, lines: [{ sku: 'A', count: 2 }], text };
          return { topic, body: Buffer.from(JSON.stringify(order)), properties };
        });
        await producer.sendBatch(batch);
      }
    }
    await producer.shutdown();
  }

  async function measure(topic: string, through: string, waits: string): Promise<Measured> {
    const args = [PROGRAM, nameServer, topic, through, waits, WARM_UP_MS, MEASURED_MS].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    // A logger may have had something to say before.
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured;
  }

  /** @returns the ratio of messages a second, and of messages in the same processor time */
  async function rounds(shape: string, waits: string, topic: string = TOPICS[0].topic): Promise<Ratios> {
    const values: Record<string, Measured[]> = { starter: [], client: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const through of THROUGH) values[through]?.push(await measure(topic, through, waits));
    const of = (through: string, name: keyof Measured): number[] =>
      (values[through] ?? []).map((measured) => measured[name]);
    for (const server of THROUGH) {
      series.push({ shape, unit: 'messages/s', server, values: of(server, 'perSecond') });
      series.push({ shape: `${shape}: processor time`, unit: 'µs', server, values: of(server, 'cpuUs') });
    }
    return {
      rate: median(of('starter', 'perSecond')) / median(of('client', 'perSecond')),
      work: median(of('client', 'cpuUs')) / median(of('starter', 'cpuUs')),
    };
  }

  it('costs at most 15 % of the messages a second where handlers do anything that takes a millisecond', async () => {
    expect((await rounds('handlers that wait for a millisecond', '1ms')).rate).toBeGreaterThanOrEqual(LEAST);
  });

  it('costs at most 15 % where handlers take a turn of the loop', async () => {
    expect((await rounds('handlers that wait for a turn of the loop', 'turn')).rate).toBeGreaterThanOrEqual(
      LEAST,
    );
  });

  it.each(TOPICS.map(({ topic }) => topic))(
    'costs at most 15 % where handlers do nothing at all: %s',
    async (topic) => {
      const { rate, work } = await rounds(`handlers that wait for nothing, ${topic}`, 'none', topic);
      // Processor time says the same on a machine that has other things to do meanwhile.
      expect(Math.max(rate, work)).toBeGreaterThanOrEqual(LEAST);
    },
  );
});
