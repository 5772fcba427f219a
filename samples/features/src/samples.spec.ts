import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

// Some twenty programs.
jest.setTimeout(120_000);

const BIN = fileURLToPath(new URL('../bin/sample.js', import.meta.url));
const FOLDER = fileURLToPath(new URL('./samples', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What each sample prints; its lines may stand among others. */
const SAMPLES: Record<string, readonly (string | RegExp)[]> = {
  asyncapi: [
    '  "asyncapi": "3.0.0",',
    '    "asyncapi-stock.StockListener.take": {',
    '      "address": "asyncapi-sample",',
  ],
  batch: [
    '250 messages in 1 request',
    /^a call with \d+ entries, \d+ of them stored$/,
    'all 250 entries are stored',
  ],
  clusters: ['analytics: a click', 'orders: an order'],
  'consumer-log': ["not sent: order order-failed can't be cancelled", 'the handler ran 1 time, ada has 110'],
  'dead-letters': [
    'order A: attempt 3 fails',
    'order A: given up: the warehouse does not answer',
    'order B: given up: nobody has ever sold a unicorn',
    'dead letter A: the warehouse does not answer, after 3 attempts',
    'dead letter B: nobody has ever sold a unicorn, after 1 attempts',
    '1 replayed',
    'order A: taken',
  ],
  delayed: ['sent three, and took one back', 'received: a second later', 'received: at a time'],
  filters: ['give back A', 'look at B', 'take A', 'take B'],
  'graceful-stop': ['order 1: begins', 'order 1: done', 'the database closes'],
  health: [
    'GET /health/ready: 200 ok',
    'GET /health/live: 200 ok',
    'rocketmq_messages_sent_total{topic="health-sample",status="SEND_OK"} 1',
    'rocketmq_messages_consumed_total{consumer_group="health-stock",topic="health-sample",outcome="consumed"} 1',
  ],
  microservices: ['taken A, price 38'],
  ordered: [
    'OrderlyListener: A created, A paid, A shipped',
    'OrderlyListener: B created, B paid, B shipped',
    'LanesListener: A created, A paid, A shipped',
    'LanesListener: B created, B paid, B shipped',
  ],
  pull: ['received 1, 2, 3', 'polled {"n":1} {"n":2} {"n":3}'],
  registry: [
    'registry-stock: paused, concurrency 2',
    // The offsets that brokers know are up to 5 s old.
    /^5[01] messages behind$/,
    'registry-stock: running, concurrency 20',
  ],
  'request-reply': ['tea costs 38'],
  tracing: [
    'POST /order',
    '  send tracing-order',
    '    process tracing-order',
    '      send tracing-parcel',
    '1 trace',
  ],
  transaction: [
    'payment P1: COMMIT_MESSAGE',
    'payment P2: ROLLBACK_MESSAGE',
    'payment P3: COMMIT_MESSAGE',
    'receipt for payment P1',
    'receipt for payment P3',
  ],
  validation: [
    'order A: 2 pieces',
    'order C: cancelled, too late',
    'dead letter B: count must not be less than 1',
    /^dead letter D: its payload .* is not valid: reason: /,
    /^dead letter E: its payload .* can't be read: /,
    'dead letter F: not our tenant',
  ],
};

/** Runs a sample in a directory of its own, as its reader does; the one that runs until it is stopped is. */
function runSample(name: string, cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { NAMESRV_ADDR: _, DATABASE_URL: __, ...environment } = process.env;
    const child = spawn(process.execPath, [BIN, name], {
      cwd,
      env: { ...environment, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 90_000,
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (name === 'graceful-stop' && out.includes('order 1: begins')) child.kill('SIGTERM');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe('the samples', () => {
  const ran = new Map<string, Promise<Ran>>();
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'samples-'));
    // Most of a sample's time is its start; some wait a second or two for what comes later.
    const places = Array.from({ length: availableParallelism() + 1 }, () =>
      Promise.resolve<unknown>(undefined),
    );
    for (const [i, name] of Object.keys(SAMPLES).entries()) {
      const place = i % places.length;
      const run = (places[place] ?? Promise.resolve()).then(() =>
        runSample(name, mkdtempSync(join(directory, `${name}-`))),
      );
      ran.set(name, run);
      places[place] = run.catch(() => undefined);
    }
  });

  afterAll(async () => {
    await Promise.allSettled(ran.values());
    rmSync(directory, { recursive: true, force: true });
  });

  it('are all run here', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
    expect(files.toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
  });

  it.each(Object.entries(SAMPLES))('do what they say: %s', async (name, expected) => {
    const result = await ran.get(name);
    expect(result).toMatchObject({ code: name === 'graceful-stop' ? null : 0, err: '' });
    const lines = (result?.out ?? '').split('\n');
    const missing = expected.filter(
      (line) => !lines.some((said) => (typeof line === 'string' ? said === line : line.test(said))),
    );
    expect({ missing, out: result?.out }).toEqual({ missing: [], out: result?.out });
  });
});
