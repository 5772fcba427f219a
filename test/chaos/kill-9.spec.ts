import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsumeFromWhere, DefaultMQProducer, DefaultMQPushConsumer, MQAdmin } from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { check } from './checker.ts';
import { HistoryWriter, readHistory } from './history.ts';
import { Load } from './load.ts';
import { readQueues } from './queue-reader.ts';

const CYCLES = Number(process.env['CHAOS_CYCLES'] ?? 100);
const TOPIC = 'chaos';
const QUEUES = 4;
/** How many messages are acknowledged from kill to kill, at least, on the whole. */
const LOAD = 100;

describe('kill -9 of the broker under load', () => {
  let folder: string;
  let nameServer: ServerProcess | undefined;
  let broker: ServerProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-chaos-'));
  });

  afterEach(async () => {
    await broker?.kill();
    await nameServer?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`${CYCLES} times in a row, ASYNC_FLUSH: nothing acknowledged is lost or changed, no hole, no starved consumer`, async () => {
    const namesrvPort = await freePort();
    const brokerPort = await freePort();
    const namesrvAddress = `127.0.0.1:${namesrvPort}`;
    const startBrokerAgain = (): Promise<ServerProcess> =>
      startBroker({
        folder,
        port: brokerPort,
        nameServer: namesrvAddress,
        // Small segments, so that the kills also hit their boundaries.
        config: { mappedFileSizeCommitLog: 16 * 1024 * 1024, flushDiskType: 'ASYNC_FLUSH' },
      });
    nameServer = await startNameServer(folder, namesrvPort);
    broker = await startBrokerAgain();

    const admin = new MQAdmin({ nameServer: namesrvAddress });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    await admin.shutdown();

    const historyFile = join(folder, 'history.jsonl');
    const history = new HistoryWriter(historyFile);
    const consumed = new Set<string>();
    const consumer = new DefaultMQPushConsumer({
      group: 'chaos-consumer',
      nameServer: namesrvAddress,
      consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
      consumeMessageBatchMaxSize: 32,
    });
    consumer.subscribe(TOPIC, '*');
    consumer.onMessage(async (messages) => {
      for (const message of messages) {
        const id = message.keys[0] ?? '';
        if (!consumed.has(id)) history.add({ type: 'consumed', id });
        consumed.add(id);
      }
    });
    await consumer.start();
    const producer = new DefaultMQProducer({ group: 'chaos-producer', nameServer: namesrvAddress });
    await producer.start();

    const load = new Load({
      producer,
      history,
      topic: TOPIC,
      queues: QUEUES,
      brokerName: 'broker-a',
      lanes: 16,
    });
    load.start();
    let round = 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const before = load.acknowledged.size;
      await until(() => load.acknowledged.size > before, 30_000, `cycle ${cycle}: no send was acknowledged`);
      await delay(20 + Math.random() * 280);
      // On a machine that is slow it takes longer until there was some load.
      const enough = (): boolean => load.acknowledged.size > (cycle + 1) * LOAD;
      await until(enough, 60_000, `cycle ${cycle}: ${load.acknowledged.size} sends were acknowledged`);
      await broker.kill();
      load.pause();
      history.add({ type: 'kill', cycle });
      broker = await startBrokerAgain();
      if (cycle % 25 === 24) await readQueues(`127.0.0.1:${brokerPort}`, TOPIC, QUEUES, round++, history);
      load.resume();
    }
    await load.stop();
    await readQueues(`127.0.0.1:${brokerPort}`, TOPIC, QUEUES, round, history);
    const missing = (): string | undefined => [...load.acknowledged].find((id) => !consumed.has(id));
    await until(
      () => consumed.size >= load.acknowledged.size && missing() === undefined,
      180_000,
      'a consumer starved',
    );
    await consumer.shutdown();
    await producer.shutdown();
    history.close();

    const violations = check(readHistory(historyFile), { retries: 0, consumed: true });
    console.log(
      `${CYCLES} kills, ${load.acknowledged.size} acknowledged, ${consumed.size} consumed, ${violations.length} violations`,
    );
    expect(violations.slice(0, 10)).toEqual([]);
    expect(load.acknowledged.size).toBeGreaterThan(CYCLES * LOAD);
  });
});

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, timeoutMs: number, otherwise: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await delay(5);
  }
}
