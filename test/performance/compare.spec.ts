import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MQAdmin } from '@nest-rocketmq/client';
import { interopSuite } from '../interop/harness/suite.ts';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import { runLoad, type LoadResult } from './load.ts';
import { officialBroker, ourBroker, type Contestant, type FlushDiskType } from './servers.ts';
import { comparison, median, type Series } from './table.ts';

const ROUNDS = Number(process.env['PERFORMANCE_ROUNDS'] ?? 5);
const MEASURED_MS = Number(process.env['PERFORMANCE_TIME'] ?? 3000);
/** JVMs reach their speed only after this much load: 8 s for 4.9.7, 14 s for 5.5.0. */
const JVM_WARM_UP_MS = 15_000;
const OFFICIAL = ['4.9.7', '5.5.0'] as const;
const TOPIC = 'BenchmarkTest';
const MIB = 1024 * 1024;

interface Shape {
  name: string;
  load: 'send' | 'pull';
  options: Record<string, number>;
}

const SEND_SHAPES: Shape[] = [
  { name: '1 connection x 64', load: 'send', options: { connections: 1, window: 64 } },
  { name: '1 connection x 1', load: 'send', options: { connections: 1, window: 1 } },
  { name: '64 connections x 1', load: 'send', options: { connections: 64, window: 1 } },
];
const PULL_SHAPES: Shape[] = [
  { name: 'pull, 8 connections x 4', load: 'pull', options: { connections: 8, window: 4 } },
];

const series: Series[] = [];

function record(shape: string, unit: string, server: string, value: number): void {
  let found = series.find((one) => one.shape === shape && one.server === server && one.unit === unit);
  if (!found) series.push((found = { shape, unit, server, values: [] }));
  found.values.push(value);
}

function ratio(shape: string, other: string): number {
  const of = (server: string): number =>
    median(series.find((one) => one.shape === shape && one.server === server)?.values ?? []);
  return of('ours') / of(other);
}

interopSuite('our broker beside the official ones, 1 KiB bodies', ['server-4.9.7', 'server-5.5.0'], () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-performance-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    console.log(comparison(series, 'ours', [...OFFICIAL]));
  });

  it('ASYNC_FLUSH: sends, pulls, memory', async () => {
    const contestants = await start('ASYNC_FLUSH');
    try {
      await rounds(contestants, 'ASYNC_FLUSH', [...SEND_SHAPES, ...PULL_SHAPES]);
      for (const { name, process } of contestants) {
        record('resident memory after load', 'MiB', name, process.residentMemory().total / MIB);
      }
    } finally {
      for (const { process } of contestants) await process.kill();
    }
    for (const other of OFFICIAL) {
      expect(ratio('ASYNC_FLUSH, 1 connection x 64', other)).toBeGreaterThanOrEqual(2.5);
      expect(ratio('ASYNC_FLUSH, 1 connection x 64, p99', other)).toBeLessThanOrEqual(1);
      expect(ratio('ASYNC_FLUSH, 64 connections x 1', other)).toBeGreaterThanOrEqual(1.3);
      expect(ratio('ASYNC_FLUSH, pull, 8 connections x 4', other)).toBeGreaterThanOrEqual(1.5);
      expect(ratio('resident memory after load', other)).toBeLessThanOrEqual(0.1);
    }
  });

  it('SYNC_FLUSH: sends', async () => {
    const contestants = await start('SYNC_FLUSH');
    try {
      await rounds(contestants, 'SYNC_FLUSH', SEND_SHAPES);
    } finally {
      for (const { process } of contestants) await process.kill();
    }
    for (const other of OFFICIAL) {
      expect(ratio('SYNC_FLUSH, 1 connection x 64', other)).toBeGreaterThanOrEqual(2);
    }
  });

  async function start(flush: FlushDiskType): Promise<Contestant[]> {
    const place = join(folder, flush);
    const contestants = [await ourBroker(place, flush)];
    for (const version of OFFICIAL) contestants.push(await officialBroker(place, version, flush));
    for (const { name, process } of contestants) {
      record('spawn to ready', 'ms', name, process.readyAfterMs);
      pause(process.pid);
    }
    for (const contestant of contestants) {
      const time = contestant.official ? JVM_WARM_UP_MS : 2000;
      await alone(contestant, () => run(contestant, SEND_SHAPES[0], time));
    }
    return contestants;
  }

  /** Each shape is measured on each broker in turn, round by round; the others are stopped meanwhile. */
  async function rounds(contestants: Contestant[], flush: FlushDiskType, shapes: Shape[]): Promise<void> {
    for (const shape of shapes) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const contestant of contestants) {
          const result = await alone(contestant, () => run(contestant, shape, MEASURED_MS));
          expect(result.errors).toEqual({});
          const name = `${flush}, ${shape.name}`;
          record(name, 'messages/s', contestant.name, result.perSecond);
          record(`${name}, p99`, 'us', contestant.name, result.p99Us);
          if (shape.load === 'pull')
            record(`${name}, bytes`, 'MiB/s', contestant.name, result.bytesPerSecond / MIB);
        }
      }
    }
  }
});

describe('our broker and our client by themselves', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-performance-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('serves in under 0.5 s', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { process } = await ourBroker(join(folder, `start-${i}`), 'ASYNC_FLUSH');
      times.push(process.readyAfterMs);
      await process.stop();
    }
    console.log(`spawn to ready, empty store: ${times.map(Math.round).join(', ')} ms`);
    expect(median(times)).toBeLessThan(500);
  });

  it('single sends through RocketMQTemplate with 64 in flight: at least 30,000 a second', async () => {
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    const nameServer = `127.0.0.1:${namesrvPort}`;
    const namesrv = await startNameServer(join(folder, 'template'), namesrvPort);
    const broker = await startBroker({ folder: join(folder, 'template'), port: brokerPort, nameServer });
    const results: number[] = [];
    for (let round = 0; round < 3; round++) {
      const options = { 'name-server': nameServer, topic: TOPIC, window: 64, time: MEASURED_MS };
      results.push((await runLoad('template', options)).perSecond);
    }
    await broker.stop();
    await namesrv.stop();
    console.log(`RocketMQTemplate.send, 64 in flight: ${results.join(', ')} messages/s`);
    expect(median(results)).toBeGreaterThanOrEqual(30_000);
  });

  it('consumes 1 KiB messages of one topic with 8 queues: at least 100,000 a second', async () => {
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    const nameServer = `127.0.0.1:${namesrvPort}`;
    const place = join(folder, 'consume');
    const namesrv = await startNameServer(place, namesrvPort);
    const broker = await startBroker({ folder: place, port: brokerPort, nameServer });
    const address = `127.0.0.1:${brokerPort}`;
    const topic = 'Consumed';
    const admin = new MQAdmin({ nameServer });
    await admin.start();
    await admin.createTopic({ topic, readQueueNums: 8, writeQueueNums: 8 });
    await admin.shutdown();
    await runLoad('send', { broker: address, topic, queues: 8, window: 64, 'warm-up': 0, time: 6000 });
    const results: number[] = [];
    for (let round = 0; round < 3; round++) {
      const options = { 'name-server': nameServer, topic, 'warm-up': 500, time: 1500 };
      results.push((await runLoad('consume', options)).perSecond);
    }
    await broker.stop();
    await namesrv.stop();
    console.log(`DefaultMQPushConsumer: ${results.join(', ')} messages/s`);
    expect(median(results)).toBeGreaterThanOrEqual(100_000);
  });

  it('recovers after kill -9 at 300 MB/s or more', async () => {
    const place = join(folder, 'recovery');
    const first = await ourBroker(place, 'ASYNC_FLUSH');
    const send = await runLoad('send', {
      broker: first.address,
      topic: TOPIC,
      window: 256,
      body: 4096,
      'warm-up': 0,
      time: 8000,
    });
    await first.process.kill();
    const again = await ourBroker(place, 'ASYNC_FLUSH');
    const bytes = send.perSecond * 8 * 4096;
    const rate = bytes / 1e6 / (again.process.readyAfterMs / 1000);
    await again.process.stop();
    console.log(
      `recovery: ${Math.round(bytes / 1e6)} MB of bodies, ready after ${Math.round(again.process.readyAfterMs)} ms: ${Math.round(rate)} MB/s`,
    );
    expect(rate).toBeGreaterThanOrEqual(300);
  });
});

function run(contestant: Contestant, shape: Shape | undefined, time: number): Promise<LoadResult> {
  if (!shape) throw new Error('no such shape');
  const options = {
    broker: contestant.address,
    topic: TOPIC,
    queues: 8,
    'warm-up': 1000,
    time,
    ...shape.options,
  };
  return runLoad(shape.load, options);
}

/** Runs a load on one broker while the others are stopped, so that they cost it nothing. */
async function alone<T>(contestant: Contestant, load: () => Promise<T>): Promise<T> {
  process.kill(contestant.process.pid, 'SIGCONT');
  try {
    return await load();
  } finally {
    pause(contestant.process.pid);
  }
}

function pause(pid: number): void {
  process.kill(pid, 'SIGSTOP');
}
