import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConsumeConcurrentlyStatus,
  ConsumeFromWhere,
  DefaultMQProducer,
  DefaultMQPushConsumer,
  MQAdmin,
} from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import type { ServerProcess } from '../support/server-process.ts';

const CYCLES = Number(process.env['CHAOS_POP_CYCLES'] ?? 4);
const TOPIC = 'chaos-pop';
const GROUP = 'chaos-pop-consumer';
const QUEUES = 4;
const LANES = 4;
const INVISIBLE_MS = 5000;
/** The longest until something comes that a killed consumer's or broker's time has to be over for. */
const PATIENCE_MS = 120_000;
/** What was acknowledged is done with when nothing comes for longer than anything is invisible. */
const QUIET_MS = 2 * INVISIBLE_MS;

describe('kill -9 of the broker while messages are popped', () => {
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

  it(`${CYCLES} times in a row: each message is consumed, and then no more`, async () => {
    const ports = { namesrv: await freePort(), broker: await freePort() };
    const nameServer = `127.0.0.1:${ports.namesrv}`;
    const start = async (): Promise<ServerProcess> => {
      const config = { mappedFileSizeCommitLog: 16 * 1024 * 1024, flushConsumerOffsetInterval: 500 };
      const broker = await startBroker({ folder, port: ports.broker, nameServer, config });
      servers.push(broker);
      return broker;
    };
    servers.push(await startNameServer(folder, ports.namesrv));
    let broker = await start();
    const admin = new MQAdmin({ nameServer });
    await admin.start();
    stops.push(() => admin.shutdown());
    await admin.createTopic({ topic: TOPIC, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    await until(
      async () => (await admin.topicQueues(TOPIC).catch(() => [])).length > 0,
      () => 'the topic has no route',
    );
    await admin.createSubscriptionGroup(GROUP);
    await admin.setMessageRequestMode(TOPIC, GROUP, 'POP');

    const sent = new Set<string>();
    const attempted = new Set<string>();
    const consumed = new Map<string, number>();
    let lastConsumed = 0;
    const consumers = await Promise.all(
      ['one', 'two'].map(async (instanceName) => {
        const consumer = new DefaultMQPushConsumer({
          group: GROUP,
          nameServer,
          instanceName,
          consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
          clientRebalance: false,
          popInvisibleTime: INVISIBLE_MS,
        });
        consumer.subscribe(TOPIC, '*');
        consumer.onMessage((messages, context) => {
          const [message] = messages;
          lastConsumed = Date.now();
          context.delayLevelWhenNextConsume = 1;
          // Every seventh fails at its first try.
          const number = Number(message?.keys[0]?.split('-')[1]);
          if (number % 7 === 0 && message?.reconsumeTimes === 0)
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
          const key = message?.keys[0] ?? '';
          consumed.set(key, (consumed.get(key) ?? 0) + 1);
          return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        await consumer.start();
        return consumer;
      }),
    );
    stops.push(() => Promise.all(consumers.map((consumer) => consumer.shutdown({ drainMs: 0 }))));

    const producer = new DefaultMQProducer({ group: 'chaos-pop-producer', nameServer });
    await producer.start();
    stops.push(() => producer.shutdown());
    let sending = true;
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let i = 0; sending; i++) {
        const key = `${lane}-${i}`;
        attempted.add(key);
        try {
          const { sendStatus } = await producer.send({ topic: TOPIC, keys: key, body: Buffer.from(key) });
          if (sendStatus === 'SEND_OK') sent.add(key);
        } catch {
          // Whether it was stored is what nobody was told.
          await sleep(100);
        }
        await sleep(2);
      }
    });

    /** Until messages are sent, and consumed, on the broker that serves now. */
    const busy = async (): Promise<void> => {
      const [sentBefore, consumedBefore] = [sent.size, consumed.size];
      await until(
        () => sent.size > sentBefore && consumed.size > consumedBefore,
        () => `${sent.size - sentBefore} sent and ${consumed.size - consumedBefore} consumed since the start`,
      );
    };
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await busy();
      await sleep(Math.random() * 3000);
      await broker.kill();
      broker = await start();
    }
    await busy();
    sending = false;
    await Promise.all(lanes);

    const missing = (): string[] => [...sent].filter((key) => !consumed.has(key));
    await until(
      () => missing().length === 0,
      () => `not consumed: ${missing().slice(0, 20).join(' ')}`,
    );
    expect([...consumed.keys()].filter((key) => !attempted.has(key))).toEqual([]);
    await until(
      () => Date.now() - lastConsumed >= QUIET_MS,
      () => `something came ${Date.now() - lastConsumed} ms ago`,
    );
    const copies = [...consumed.values()].reduce((sum, times) => sum + times, 0) - consumed.size;
    console.info(
      `POP: ${sent.size} sent, ${consumed.size} consumed, ${copies} of them again, over ${CYCLES} kills`,
    );
  });
});

async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: () => string,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(otherwise());
    await sleep(50);
  }
}
