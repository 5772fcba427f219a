import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DefaultMQProducer, MessageSelector } from '@nest-rocketmq/client';
import { RocketMQMessageListener, RocketMQModule, RocketMQTemplate, SelectorType } from 'nest-rocketmq';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENT_SENDER } from '../harness/patient.ts';
import { until } from '../harness/until.ts';
import { caseTopic, QUEUES, type Cluster } from './cluster.ts';

/** Properties of one message each. */
type Sent = Record<string, string>;

/**
 * Filtering by SQL92 (`enablePropertyFilter=true`): a Java consumer and one of ours with the same expression get the same.
 * The grammar is that of 4.9, which has no CONTAINS, STARTSWITH and ENDSWITH.
 */
export function sqlFilterCases(cluster: () => Cluster, java: () => JavaClient): void {
  let producer: DefaultMQProducer;

  beforeAll(async () => {
    producer = new DefaultMQProducer({
      group: 'sql-producer',
      nameServer: cluster().nameServer,
      ...PATIENT_SENDER,
    });
    await producer.start();
  });

  afterAll(() => producer.shutdown());

  const queue = (topic: string, queueId: number) => ({ topic, brokerName: cluster().brokerName, queueId });

  /** Every second one is sent by Java's client; the body is the number of the message. */
  async function send(topic: string, messages: readonly Sent[], first = 0): Promise<void> {
    const sender = await java().producer(cluster().nameServer);
    for (const [i, properties] of messages.entries()) {
      const [body, queueId] = [`${first + i}`, i % QUEUES];
      if (i % 2 === 0) await sender.send({ topic, body, properties }, queueId);
      else
        await producer.send({ topic, body: Buffer.from(body), properties }, { queue: queue(topic, queueId) });
    }
  }

  /** A consumer of each side, which get what this expression selects. */
  async function consumers(topic: string, expression: string, name = 'group') {
    const options = { topic, nameServer: cluster().nameServer };
    const theirs = await java().consumer({
      ...options,
      group: `${topic}-${name}-theirs`,
      expression,
      expressionType: 'SQL92',
    });
    const ours = await OurConsumer.start({
      ...options,
      group: `${topic}-${name}-ours`,
      expression: MessageSelector.bySql(expression),
    });
    return [theirs, ours] as const;
  }

  it('a Java consumer and ours get what matches: what is there, and what comes while they wait', async () => {
    const topic = await caseTopic(cluster(), java(), 'sql');
    const messages = Array.from({ length: 4 * QUEUES }, (_, n) => ({
      n: String(n),
      region: ['eu', 'us', '订单', 'asia'][n % 4] ?? '',
    }));
    const wanted = (first: number) =>
      messages.flatMap(({ n, region }, i) =>
        ['eu', '订单'].includes(region) && Number(n) >= 3 && Number(n) <= 12 ? [`${first + i}`] : [],
      );
    await send(topic, messages);
    const both = await consumers(topic, "region IN ('eu', '订单') AND n BETWEEN 3 AND 12");
    for (const consumer of both) await consumer.received(wanted(0).length);
    await send(topic, messages, 100);
    // The last of each queue is wanted: what came before it has been looked at by then.
    const last = Array.from({ length: QUEUES }, () => ({ n: '5', region: 'eu' }));
    await send(topic, last, 200);
    const texts = [...wanted(0), ...wanted(100), ...last.map((_, i) => `${200 + i}`)];
    const expected = texts.toSorted((a, b) => (a < b ? -1 : 1));
    for (const consumer of both) {
      await consumer.received(expected.length);
      expect(consumer.bodies).toEqual(expected);
    }
    await Promise.all(both.map((consumer) => consumer.stop()));
  });

  it.each([
    ['case 30: `a > 5` with a="x" is filtered out, others are still consumed', 'a > 5', ['2', '4']],
    ['case 31: `a IS NULL` on missing is matched', 'a IS NULL OR a = 100', ['0', '4']],
    ["case 32: `NOT (a = 'x')` with a missing is not matched", "NOT (a = 'x')", ['2', '3', '4']],
  ])('%s', async (_name, expression, expected) => {
    const topic = await caseTopic(cluster(), java(), 'sql-case');
    const sender = await java().producer(cluster().nameServer);
    // All in one queue, the last one wanted by all.
    for (const [i, a] of [undefined, 'x', '6', '-7', '100'].entries())
      await sender.send({ topic, body: `${i}`, properties: a === undefined ? {} : { a } }, 0);
    const both = await consumers(topic, expression);
    for (const consumer of both) {
      await consumer.received(expected.length);
      expect(consumer.bodies).toEqual(expected);
    }
    await Promise.all(both.map((consumer) => consumer.stop()));
  });

  it.each(['a > ', 'a == 1', 'a = NULL'])(
    'a wrong expression, `%s`, is refused with code 23 at the start of either',
    async (expression) => {
      const topic = await caseTopic(cluster(), java(), 'sql-wrong');
      const options = { topic, nameServer: cluster().nameServer };
      await expect(
        java().consumer({ ...options, group: `${topic}-theirs`, expression, expressionType: 'SQL92' }),
      ).rejects.toThrow(/CODE: 23/);
      await expect(
        OurConsumer.start({
          ...options,
          group: `${topic}-ours`,
          expression: MessageSelector.bySql(expression),
        }),
      ).rejects.toMatchObject({ code: 'REMOTE', responseCode: 23 });
    },
  );
  it('pulls of a Java client that carry an expression', async () => {
    const topic = await caseTopic(cluster(), java(), 'sql-pull');
    const sender = await java().producer(cluster().nameServer);
    for (const a of ['4', 'x', '6']) await sender.send({ topic, body: a, properties: { a } }, 1);
    // Apache's broker builds its queues behind the answers.
    await until('all can be read', async () => (await sender.offsets(queue(topic, 1))).max === 3);
    expect(await pull(cluster(), java(), topic, 'a > 5')).toEqual({
      status: 'FOUND',
      nextBeginOffset: 3,
      bodies: ['6'],
    });
    expect(await pull(cluster(), java(), topic, 'a > 6')).toEqual({
      status: 'NO_MATCHED_MSG',
      nextBeginOffset: 3,
      bodies: [],
    });
  });

  it('a Nest listener with selectorType SQL92', async () => {
    const topic = await caseTopic(cluster(), java(), 'sql-starter');
    const seen: unknown[] = [];
    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: `${topic}-group`,
      topic,
      selectorType: SelectorType.SQL92,
      selectorExpression: 'total >= 100',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    class LargeOrders {
      onMessage(order: unknown): void {
        seen.push(order);
      }
    }
    const { nameServer } = cluster();
    const module = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot({ nameServer, producer: { group: `${topic}-producer` } })],
      providers: [LargeOrders],
    }).compile();
    const app = await module.init();
    try {
      const template = app.get(RocketMQTemplate);
      const sender = await java().producer(cluster().nameServer);
      await sender.send({ topic, body: '{"id":1}', properties: { total: '99' } }, 0);
      await template.send(`${topic}:created`, { id: 2 }, { headers: { total: '100' } });
      await sender.send({ topic, body: '{"id":3}', properties: { total: '3000' } }, 0);
      await until('both large orders came', () => seen.length >= 2);
      expect(seen).toEqual(expect.arrayContaining([{ id: 2 }, { id: 3 }]));
      expect(seen).toHaveLength(2);
    } finally {
      await app.close();
    }
  });
}

/** What our broker does otherwise: Apache's answers a carried expression that it can't parse with all messages. */
export function carriedExpressionCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a pull of a Java client with a wrong expression is refused with code 23', async () => {
    const topic = await caseTopic(cluster(), java(), 'sql-pull-wrong');
    await expect(pull(cluster(), java(), topic, 'a > ')).rejects.toThrow(
      /CODE: 23.*parse the consumer's subscription failed/,
    );
  });
}

/** A classic pull of Java's client, from the start of queue 1. */
function pull(cluster: Cluster, java: JavaClient, topic: string, expression: string): Promise<unknown> {
  const queue = { topic, brokerName: cluster.brokerName, queueId: 1 };
  const { nameServer } = cluster;
  return java.call('filter.pull', { nameServer, group: `${topic}-pull`, queue, expression, offset: 0 });
}
