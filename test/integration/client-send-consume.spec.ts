import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MQAdmin, DefaultMQProducer } from '@nest-rocketmq/client';
import { ClientCluster } from './client-cluster.ts';

describe('producer and consumer on our NameServer and broker', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;

  beforeAll(async () => {
    cluster = await ClientCluster.start();
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterAll(() => cluster.remove());

  const text = (body: string, more: object = {}) => ({ topic: 'T', body: Buffer.from(body), ...more });

  it('carries a message with everything it has to a consumer', async () => {
    await admin.createTopic({ topic: 'T', queueNums: 4 });
    const sent = await producer.send(
      text('hello', { tags: 'a', keys: ['k1', 'k2'], properties: { user: 'Zoë "Z"' }, flag: 3 }),
    );
    const collector = await cluster.consumer({ T: '*' }, { group: 'everything' });
    await collector.count(1);
    const [message] = collector.messages;
    expect(message).toMatchObject({
      topic: 'T',
      tags: 'a',
      keys: ['k1', 'k2'],
      msgId: sent.msgId,
      offsetMsgId: sent.offsetMsgId,
      queueId: sent.messageQueue.queueId,
      queueOffset: sent.queueOffset,
      brokerName: 'broker-a',
      reconsumeTimes: 0,
      flag: 3,
    });
    expect(message?.body.toString()).toBe('hello');
    expect(message?.properties.get('user')).toBe('Zoë "Z"');
    expect(message?.properties.get('CLUSTER')).toBe('DefaultCluster');
    expect(message?.properties.get('MAX_OFFSET')).toBeDefined();
    await collector.consumer.shutdown();
  });

  it('gives a compressed body as it was sent, and stores it compressed', async () => {
    await admin.createTopic('compressed');
    const body = Buffer.from('x'.repeat(10_000));
    await producer.send({ topic: 'compressed', body });
    const collector = await cluster.consumer({ compressed: '*' }, { group: 'inflates' });
    await collector.count(1);
    expect(collector.messages[0]?.body.equals(body)).toBe(true);
    expect(collector.messages[0]?.storeSize).toBeLessThan(1000);
    await collector.consumer.shutdown();
  });

  it('consumes only the tags it subscribed to, and not those with the same hash code', async () => {
    await admin.createTopic('tags');
    // "Aa" and "BB" have the same hash code in Java, which is what the broker filters by.
    for (const tags of ['Aa', 'BB', 'c', 'd', undefined]) {
      await producer.send({ topic: 'tags', body: Buffer.from(String(tags)), ...(tags ? { tags } : {}) });
    }
    await producer.send({ topic: 'tags', tags: 'c', body: Buffer.from('last') });
    const collector = await cluster.consumer({ tags: 'Aa || c' }, { group: 'tagged' });
    await collector.count(3);
    expect(new Set(collector.bodies)).toEqual(new Set(['Aa', 'c', 'last']));
    await collector.consumer.shutdown();
  });

  it('stores a batch as single messages, one after the other in a queue', async () => {
    await admin.createTopic('batch');
    const messages = Array.from({ length: 10 }, (_, i) => ({
      topic: 'batch',
      tags: `t${i}`,
      body: Buffer.from(`b${i}`),
    }));
    const result = await producer.sendBatch(messages);
    expect(result.msgId.split(',')).toHaveLength(10);
    expect(result.offsetMsgId.split(',')).toHaveLength(10);
    const collector = await cluster.consumer({ batch: '*' }, { group: 'batches', concurrency: 1 });
    await collector.count(10);
    expect(collector.bodies).toEqual(messages.map((message) => message.body.toString()));
    expect(collector.messages.map((message) => message.queueOffset)).toEqual([...Array(10).keys()]);
    expect(collector.messages.map((message) => message.msgId)).toEqual(result.msgId.split(','));
    await collector.consumer.shutdown();
  });

  it('delivers one-way messages', async () => {
    await admin.createTopic('oneway');
    for (let i = 0; i < 5; i++) await producer.sendOneway({ topic: 'oneway', body: Buffer.from(`o${i}`) });
    const collector = await cluster.consumer({ oneway: '*' }, { group: 'oneways' });
    await collector.count(5);
    expect(new Set(collector.bodies)).toEqual(new Set(['o0', 'o1', 'o2', 'o3', 'o4']));
    await collector.consumer.shutdown();
  });

  it('creates a topic with its first message', async () => {
    const result = await producer.send({ topic: 'created-by-sending', body: Buffer.from('first') });
    expect(result.sendStatus).toBe('SEND_OK');
    const collector = await cluster.consumer({ 'created-by-sending': '*' }, { group: 'early' });
    await collector.count(1);
    const route = await admin.topicRoute('created-by-sending');
    expect(route.queueDatas[0]?.writeQueueNums).toBe(4);
    await collector.consumer.shutdown();
  });

  it('delivers a message at once to a consumer that waits at the broker', async () => {
    await admin.createTopic({ topic: 'waiting', queueNums: 1 });
    const collector = await cluster.consumer({ waiting: '*' }, { group: 'waits' });
    for (let i = 1; i <= 3; i++) {
      const begin = Date.now();
      await producer.send({ topic: 'waiting', body: Buffer.from(`w${i}`) });
      await collector.count(i);
      expect(Date.now() - begin).toBeLessThan(1000);
    }
    await collector.consumer.shutdown();
  });

  it('delivers thousands of messages, each once, with many sends in flight', async () => {
    await admin.createTopic({ topic: 'many', queueNums: 8 });
    const collector = await cluster.consumer({ many: '*' }, { group: 'manies' });
    const bodies = Array.from({ length: 5000 }, (_, i) => `m${i}`);
    await Promise.all(bodies.map((body) => producer.send({ topic: 'many', body: Buffer.from(body) })));
    await collector.count(5000);
    expect(collector.messages).toHaveLength(5000);
    expect(new Set(collector.bodies)).toEqual(new Set(bodies));
    await collector.consumer.shutdown();
  });
});
