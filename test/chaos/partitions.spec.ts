import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DefaultMQProducer,
  DefaultMQPushConsumer,
  MQAdmin,
  type PushConsumerOptions,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { check } from './checker.ts';
import { HistoryWriter, readHistory } from './history.ts';
import { Load } from './load.ts';
import { PartitionedCluster, type Node, type Way } from './partitioned-cluster.ts';
import { readQueues } from './queue-reader.ts';

const TOPIC = 'partitions';
const QUEUES = 4;
const NODES: readonly Node[] = ['producer', 'consumer', 'broker', 'namesrv'];
const WAYS: readonly Way[] = ['both', 'in', 'out'];
/** How long the network fails, in milliseconds: one cell for each, of each node and way. */
const DURATIONS = (process.env['CHAOS_PARTITION_MS'] ?? '2000').split(',').map(Number);
/** `all`: every node in every way. */
const CELLS: readonly (readonly [Node, Way])[] =
  process.env['CHAOS_PARTITIONS'] === 'all'
    ? NODES.flatMap((node) => WAYS.map((way): [Node, Way] => [node, way]))
    : [
        ['producer', 'both'],
        ['producer', 'in'],
        ['consumer', 'out'],
        ['broker', 'both'],
        ['broker', 'in'],
        ['namesrv', 'both'],
      ];
/** After this time without a sign of life, a NameServer takes a broker for dead; it looks every 5 s. */
const EXPELLED_MS = 125_000;
/** Before this it does not. */
const SURELY_KNOWN_MS = 85_000;
const REGISTERED_AGAIN_MS = 30_000;
/** Shorter than any partition: sends fail in each that concerns them. */
const SEND_MS = 1000;
/** For how long no send must succeed, at least. */
const SILENT_MS = 500;

describe('a network that fails', () => {
  let folder: string;
  let cluster: PartitionedCluster;
  let admin: MQAdmin;
  let producer: DefaultMQProducer;
  let load: Load;
  let history: HistoryWriter;
  const stops: (() => Promise<unknown>)[] = [];
  const consumed = new Set<string>();
  const inOrder = new Set<string>();
  /** Who is inside a queue, of the consumers that consume in order. */
  const inside = new Map<string, string>();
  const intrusions: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-partitions-'));
    cluster = await PartitionedCluster.start(folder);
    admin = new MQAdmin({ nameServer: cluster.direct.namesrv });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    history = new HistoryWriter(join(folder, 'history.jsonl'));
    producer = new DefaultMQProducer({
      group: 'partitions-producer',
      nameServer: cluster.nameServer('producer'),
      instanceName: 'cut-off',
    });
    await producer.start();
    // Of each group one member behind the network that fails, and one at the broker's side.
    for (const nameServer of [cluster.nameServer('consumer'), cluster.direct.namesrv]) {
      await consume(nameServer);
      await consumeInOrder(nameServer);
    }
    load = new Load({
      producer,
      history,
      topic: TOPIC,
      queues: QUEUES,
      brokerName: 'broker-a',
      lanes: 8,
      pauseMs: 20,
      timeoutMs: SEND_MS,
    });
    load.start();
  });

  afterAll(async () => {
    await load.stop();
    await producer.shutdown();
    await Promise.all(stops.map((stop) => stop()));
    await admin.shutdown();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(consumer: DefaultMQPushConsumer): Promise<void> {
    consumer.subscribe(TOPIC, '*');
    await consumer.start();
    stops.push(() => consumer.shutdown());
  }

  const options = (group: string, nameServer: string): PushConsumerOptions => ({
    group,
    nameServer,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    // In order, one call at a time: what was sent during a long partition is to be made up for.
    consumeMessageBatchMaxSize: 32,
  });

  async function consume(nameServer: string): Promise<void> {
    const consumer = new DefaultMQPushConsumer(options('partitions-consumer', nameServer));
    consumer.onMessage((messages) => {
      for (const { keys } of messages) {
        const id = keys[0] ?? '';
        if (!consumed.has(id)) history.add({ type: 'consumed', id });
        consumed.add(id);
      }
    });
    await start(consumer);
  }

  async function consumeInOrder(nameServer: string): Promise<void> {
    const consumer = new DefaultMQPushConsumer(options('partitions-orderly', nameServer));
    consumer.onMessageOrderly(async (messages) => {
      const queue = String(messages[0]?.queueId);
      const other = inside.get(queue);
      if (other !== undefined) intrusions.push(`${nameServer} came into queue ${queue}, where ${other} was`);
      inside.set(queue, nameServer);
      await delay(1);
      for (const { keys } of messages) inOrder.add(keys[0] ?? '');
      inside.delete(queue);
    });
    await start(consumer);
  }

  const missing = (found: ReadonlySet<string>): number =>
    [...load.acknowledged].filter((id) => !found.has(id)).length;

  for (const ms of DURATIONS) {
    for (const [node, way] of CELLS) {
      it(`that is gone for ${node}, ${way}, for ${ms} ms: sends go on within 5 s, and are consumed`, async () => {
        await moreAcknowledged(20_000);
        const failures = load.failures;
        cluster.isolate(node, way);
        const isolatedAt = Date.now();
        const silent = node === 'producer' || node === 'broker';
        if (silent) {
          // A sender whose send has failed since has none under way that was begun before.
          await until(
            () => load.failures.every((count, lane) => count > (failures[lane] ?? 0)),
            20_000,
            () => 'sends do not fail',
          );
        }
        const before = load.acknowledged.size;
        await delay(Math.max(ms - (Date.now() - isolatedAt), SILENT_MS));
        expect(silent ? load.acknowledged.size - before : 0).toBe(0);
        const unheard = (node === 'broker' && way !== 'in') || (node === 'namesrv' && way !== 'out');
        const known = await isKnown();
        // A broker that is heard but not answered may be dropped with its idle connection.
        const expected = unheard && ms > EXPELLED_MS ? false : ms < SURELY_KNOWN_MS ? true : known;
        expect(known).toBe(expected);
        cluster.heal();
        const healedAt = Date.now();
        await moreAcknowledged(5000);
        const last = [...load.acknowledged].at(-1) ?? '';
        await until(
          () => consumed.has(last) && inOrder.has(last),
          65_000,
          () => `${last} is not consumed`,
        );
        const left = Math.max(REGISTERED_AGAIN_MS - (Date.now() - healedAt), 1000);
        await until(isKnown, left, () => 'the NameServer does not know the broker again');
      });
    }
  }

  it('nothing acknowledged is lost or changed, no hole, no queue with two consumers in it', async () => {
    await load.stop();
    await readQueues(cluster.direct.broker, TOPIC, QUEUES, 0, history);
    await until(
      () => missing(consumed) === 0 && missing(inOrder) === 0,
      90_000,
      () => `${missing(consumed)} and, in order, ${missing(inOrder)} messages are not consumed`,
    );
    history.close();
    expect(check(readHistory(history.path), { retries: 0, consumed: true }).slice(0, 10)).toEqual([]);
    expect(intrusions).toEqual([]);
    expect(load.acknowledged.size).toBeGreaterThan(100);
    console.log(
      `${CELLS.length * DURATIONS.length} partitions, ${load.acknowledged.size} acknowledged, all consumed`,
    );
  });

  async function moreAcknowledged(timeoutMs: number): Promise<void> {
    const before = load.acknowledged.size;
    await until(
      () => load.acknowledged.size > before,
      timeoutMs,
      () => 'no send was acknowledged',
    );
  }

  /** Whether the NameServer knows the broker. */
  async function isKnown(): Promise<boolean> {
    try {
      return (await admin.topicRoute(TOPIC)).brokerDatas.length > 0;
    } catch (error) {
      if (error instanceof RocketMQError && error.code === 'NO_ROUTE') return false;
      throw error;
    }
  }
});

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  otherwise: () => string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(otherwise());
    await delay(20);
  }
}
