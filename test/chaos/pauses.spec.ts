import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { check } from './checker.ts';
import { ConsumerProcess } from './consumer-process.ts';
import { HistoryWriter, readHistory } from './history.ts';
import { Load } from './load.ts';
import { readQueues } from './queue-reader.ts';

const TOPIC = 'storm';
const GROUP = 'storm-consumer';
const QUEUES = 4;
/** How long consumers come and go, in milliseconds. */
const STORM_MS = Number(process.env['CHAOS_STORM_MS'] ?? 15_000);
const PAUSES = Number(process.env['CHAOS_PAUSES'] ?? 3);

describe('a cluster with consumers in processes of their own', () => {
  let folder: string;
  let nameServer: ServerProcess;
  let broker: ServerProcess;
  let address: string;
  let brokerAddress: string;
  let historyFile: string;
  let history: HistoryWriter;
  let producer: DefaultMQProducer;
  let load: Load;
  let consumers: ConsumerProcess[];
  let consumed: Map<string, number>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-storm-'));
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    address = `127.0.0.1:${namesrvPort}`;
    brokerAddress = `127.0.0.1:${brokerPort}`;
    nameServer = await startNameServer(folder, namesrvPort);
    broker = await startBroker({ folder, port: brokerPort, nameServer: address });
    const admin = new MQAdmin({ nameServer: address });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    await admin.shutdown();
    historyFile = join(folder, 'history.jsonl');
    history = new HistoryWriter(historyFile);
    consumers = [];
    consumed = new Map();
    producer = new DefaultMQProducer({ group: 'storm-producer', nameServer: address });
    await producer.start();
    const places = { topic: TOPIC, queues: QUEUES, brokerName: 'broker-a' };
    load = new Load({ producer, history, ...places, lanes: 8, pauseMs: 20 });
  });

  afterEach(async () => {
    await producer.shutdown();
    await Promise.all(consumers.map((consumer) => consumer.kill()));
    await broker.kill();
    await nameServer.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function joinGroup(): Promise<ConsumerProcess> {
    const consumer = await ConsumerProcess.start(address, GROUP, TOPIC, (id) => {
      if (!consumed.has(id)) history.add({ type: 'consumed', id });
      consumed.set(id, (consumed.get(id) ?? 0) + 1);
    });
    consumers.push(consumer);
    return consumer;
  }

  /** Lets all be consumed, reads the queues, and checks the whole history. */
  async function settle(): Promise<void> {
    await load.stop();
    await readQueues(brokerAddress, TOPIC, QUEUES, 0, history);
    const missing = (): number => [...load.acknowledged].filter((id) => !consumed.has(id)).length;
    await until(
      () => missing() === 0,
      240_000,
      () => `${missing()} messages are not consumed`,
    );
    history.close();
    expect(check(readHistory(historyFile), { retries: 0, consumed: true }).slice(0, 10)).toEqual([]);
    expect(load.acknowledged.size).toBeGreaterThan(100);
  }

  const repeated = (): number => [...consumed.values()].reduce((sum, times) => sum + times - 1, 0);

  it('loses nothing while consumers join, leave and are killed', async () => {
    await joinGroup();
    load.start();
    const end = Date.now() + STORM_MS;
    let joined = 1;
    let killed = 0;
    // Longer where a turn takes so long that too few were killed by then.
    for (let turn = 0; Date.now() < end || killed < 2; turn++) {
      await delay(400 + Math.random() * 800);
      // The oldest, which has queues: one joins, one joins, one goes politely, one is killed.
      const leaving = turn % 4 >= 2 ? consumers.shift() : undefined;
      if (!leaving) {
        await joinGroup();
        joined++;
      } else if (turn % 4 === 2) {
        await leaving.stop();
      } else {
        await leaving.kill();
        killed++;
      }
    }
    if (consumers.length === 0) await joinGroup();
    await settle();
    expect(killed).toBeGreaterThan(1);
    console.log(
      `${joined} consumers joined, ${killed} were killed; ${load.acknowledged.size} acknowledged, ${repeated()} consumed once more`,
    );
  });

  it('goes on after the broker, the NameServer or a consumer stood still', async () => {
    await joinGroup();
    const other = await joinGroup();
    load.start();
    const targets = [broker, nameServer, other];
    for (let pause = 0; pause < PAUSES; pause++) {
      const { pid } = targets[pause % targets.length] as { pid: number };
      const before = load.acknowledged.size;
      process.kill(pid, 'SIGSTOP');
      await delay(1000 + Math.random() * 1500);
      process.kill(pid, 'SIGCONT');
      const resumedAt = performance.now();
      await until(
        () => load.acknowledged.size > before,
        10_000,
        () => 'no send was acknowledged',
      );
      expect(performance.now() - resumedAt).toBeLessThan(5000);
    }
    await settle();
  });
});

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, timeoutMs: number, otherwise: () => string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(otherwise());
    await delay(20);
  }
}
