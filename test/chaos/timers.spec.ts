import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsumeFromWhere, DefaultMQProducer, DefaultMQPushConsumer, MQAdmin } from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';

const CYCLES = Number(process.env['CHAOS_TIMER_CYCLES'] ?? 6);
const TOPIC = 'chaos-timers';
const QUEUES = 4;
const LANES = 4;
/** Delays are between these. */
const SHORTEST_MS = 200;
const LONGEST_MS = 3000;
/** How late a message may be, not counting the time that the broker was not there. */
const LATE_MS = 2000;
/** What is due so close to a kill may have to be delivered by the next process. */
const NEAR_MS = 300;

/** A delayed message that a broker has acknowledged. */
interface Pending {
  sentAt: number;
  /** The first moment it may be delivered at. */
  dueAt: number;
  /** When each delivery was stored, by place in the queue. */
  readonly delivered: Map<string, number>;
}

describe('kill -9 of the broker while messages wait for their time', () => {
  let folder: string;
  const servers: ServerProcess[] = [];
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-chaos-'));
  });

  afterEach(async () => {
    for (const stop of stops) await stop();
    for (const server of servers) await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`${CYCLES} times in a row: each is delivered, and none before its time`, async () => {
    const ports = { namesrv: await freePort(), broker: await freePort() };
    const nameServer = `127.0.0.1:${ports.namesrv}`;
    const start = async (): Promise<ServerProcess> => {
      const config = {
        mappedFileSizeCommitLog: 16 * 1024 * 1024,
        mappedFileSizeTimerLog: 64 * 1024,
        flushDelayOffsetInterval: 500,
      };
      const broker = await startBroker({ folder, port: ports.broker, nameServer, config });
      servers.push(broker);
      return broker;
    };
    servers.push(await startNameServer(folder, ports.namesrv));
    let broker = await start();
    const admin = new MQAdmin({ nameServer });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    await admin.shutdown();

    const pending = new Map<string, Pending>();
    const producer = new DefaultMQProducer({ group: 'timers', nameServer });
    await producer.start();
    stops.push(() => producer.shutdown());
    const consumer = new DefaultMQPushConsumer({
      group: 'timers-consumer',
      nameServer,
      consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
    });
    consumer.subscribe(TOPIC, '*');
    consumer.onMessage(async (messages) => {
      for (const { keys, queueId, queueOffset, storeTimestamp } of messages)
        entry(pending, keys[0] ?? '').delivered.set(`${queueId}/${queueOffset}`, storeTimestamp);
    });
    await consumer.start();
    stops.push(() => consumer.shutdown());

    const acknowledged = new Set<string>();
    let stopped = false;
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let i = 0; !stopped; i++) {
        const id = `${lane}-${i}`;
        const delayMs = SHORTEST_MS + Math.floor(Math.random() * (LONGEST_MS - SHORTEST_MS));
        const sentAt = Date.now();
        // A level of a second, a delay, and a time: in turn.
        const when =
          i % 3 === 0
            ? { delayLevel: 1 }
            : i % 3 === 1
              ? { delayTimeMs: delayMs }
              : { deliverTimeMs: sentAt + delayMs };
        Object.assign(entry(pending, id), { sentAt });
        entry(pending, id).dueAt = sentAt + (i % 3 === 0 ? 1000 : delayMs);
        try {
          await producer.send({ topic: TOPIC, keys: id, body: Buffer.from(id), ...when }, { retries: 0 });
          acknowledged.add(id);
        } catch {
          // The broker was killed under this send: whether it will be delivered is what nobody was told.
          await delay(5);
        }
      }
    });

    /** When the broker was not there. */
    const gaps: { from: number; to: number }[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await delay(400 + Math.random() * 1200);
      const from = Date.now();
      await broker.kill();
      broker = await start();
      gaps.push({ from, to: Date.now() });
    }
    await delay(500);
    stopped = true;
    await Promise.all(lanes);
    const missing = (): string[] => [...acknowledged].filter((id) => pending.get(id)?.delivered.size === 0);
    await until(
      () => missing().length === 0,
      30_000,
      () => `never delivered: ${missing().slice(0, 10).join(' ')}`,
    );

    const delivered = [...pending.values()].filter((one) => one.delivered.size > 0);
    const first = (one: Pending): number => Math.min(...one.delivered.values());
    const early = delivered.filter((one) => first(one) < one.dueAt);
    const near = (time: number): boolean =>
      gaps.some(({ from, to }) => time > from - NEAR_MS && time < to + NEAR_MS);
    const lateness = delivered
      .filter(({ sentAt, dueAt }) => !near(sentAt) && !near(dueAt))
      .map((one) => first(one) - one.dueAt)
      .toSorted((a, b) => a - b);
    const times = delivered.reduce((sum, one) => sum + one.delivered.size, 0);
    const at = (part: number): number => lateness[Math.floor((lateness.length - 1) * part)] ?? 0;
    console.log(
      `${CYCLES} kills, ${acknowledged.size} acknowledged, ${delivered.length} delivered, ${times - delivered.length} of them ` +
        `again; ${early.length} early; late by ${at(0.5)} ms p50, ${at(0.99)} ms p99, ${at(1)} ms at most (${lateness.length} far from a kill)`,
    );
    expect(early).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(CYCLES * 20);
    const worst = Math.max(
      ...delivered.map((one) => first(one) - one.dueAt - downtime(gaps, one.dueAt, first(one))),
    );
    expect(worst).toBeLessThan(LATE_MS);
  });
});

/** For how long between two moments the broker was not there. */
function downtime(gaps: readonly { from: number; to: number }[], begin: number, end: number): number {
  return gaps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(end, to) - Math.max(begin, from)), 0);
}

function entry(pending: Map<string, Pending>, id: string): Pending {
  let found = pending.get(id);
  if (!found) pending.set(id, (found = { sentAt: 0, dueAt: 0, delivered: new Map() }));
  return found;
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, timeoutMs: number, otherwise: () => string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(otherwise());
    await delay(5);
  }
}
