import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DefaultLitePullConsumer,
  DefaultMQProducer,
  MQAdmin,
  type CompressionType,
} from '@nest-rocketmq/client';
import { authority, SecureCluster } from '../support/secure-cluster.ts';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('compression', () => {
  let cluster: ClientCluster;
  beforeEach(async () => {
    cluster = await ClientCluster.start();
  });
  afterEach(() => cluster.remove());

  it('by each of the ways is undone by consumers, for bodies above the threshold', async () => {
    const consumer = await cluster.consumer({ compressed: '*' });
    const types: CompressionType[] = ['ZLIB', 'LZ4', 'ZSTD'];
    for (const compressType of types) {
      const producer = await cluster.producer({ compressType, group: `p-${compressType}` });
      await producer.send({ topic: 'compressed', body: Buffer.from(`${compressType} `.repeat(5000)) });
      await producer.send({ topic: 'compressed', body: Buffer.from(`${compressType} short`) });
    }
    await consumer.count(6);
    const seen = consumer.messages.map(({ body, sysFlag }) => [
      body.toString().slice(0, 10),
      body.length,
      sysFlag,
    ]);
    expect(new Set(seen)).toEqual(
      new Set([
        ['LZ4 LZ4 LZ', 20_000, 0x101],
        ['LZ4 short', 9, 0],
        ['ZLIB ZLIB ', 25_000, 0x301],
        ['ZLIB short', 10, 0],
        ['ZSTD ZSTD ', 25_000, 0x201],
        ['ZSTD short', 10, 0],
      ]),
    );
  });
});

describe('namespaces', () => {
  let cluster: ClientCluster;
  beforeEach(async () => {
    cluster = await ClientCluster.start();
  });
  afterEach(() => cluster.remove());

  it('keep the same names of two applications apart, retries included', async () => {
    const seen: Record<string, string[]> = { east: [], west: [] };
    for (const namespace of ['east', 'west']) {
      await cluster.consumer({ orders: '*' }, { namespace }, (message) => {
        seen[namespace]?.push(`${message.topic} ${message.body.toString()} ${message.reconsumeTimes}`);
        if (message.reconsumeTimes === 0) throw new Error('once more');
      });
      const producer = await cluster.producer({ namespace });
      const { messageQueue } = await producer.send({ topic: 'orders', body: Buffer.from(`to ${namespace}`) });
      expect(messageQueue.topic).toBe('orders');
      const queues = await producer.fetchPublishMessageQueues('orders');
      expect(queues).toContainEqual(messageQueue);
      const [queue] = queues;
      const again = await producer.send(
        { topic: 'orders', body: Buffer.from(`chosen in ${namespace}`) },
        { queue },
      );
      expect(again.messageQueue).toEqual(queue);
    }
    await eventually(() => seen.east?.length === 4 && seen.west?.length === 4);
    const all = (one: string): string[] =>
      [`chosen in ${one}`, `to ${one}`].flatMap((body) => [`orders ${body} 0`, `orders ${body} 1`]);
    expect(seen.east?.toSorted()).toEqual(all('east'));
    expect(seen.west?.toSorted()).toEqual(all('west'));
    const topics = await (await cluster.admin()).topicList();
    expect(topics).toEqual(
      expect.arrayContaining([
        'east%orders',
        'west%orders',
        '%RETRY%east%consumers',
        '%RETRY%west%consumers',
      ]),
    );
    expect(topics).not.toContain('orders');
  }, 30_000);
});

describe('a pull consumer in a namespace', () => {
  it('subscribes by the names of its application', async () => {
    const cluster = await ClientCluster.start();
    const { nameServer } = cluster;
    const producer = await cluster.producer({ namespace: 'east' });
    await producer.send({ topic: 'orders', body: Buffer.from('x') });
    const consumer = new DefaultLitePullConsumer({
      group: 'pullers',
      nameServer,
      namespace: 'east',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    consumer.subscribe('orders');
    await consumer.start();
    try {
      const seen: string[] = [];
      await eventually(async () => {
        for (const message of await consumer.poll(1000))
          seen.push(`${message.topic} ${message.body.toString()}`);
        return seen.length > 0;
      });
      expect(seen).toEqual(['orders x']);
      const queues = await consumer.fetchMessageQueues('orders');
      expect(new Set(queues.map(({ topic }) => topic))).toEqual(new Set(['orders']));
      expect(consumer.assignment()).toEqual(expect.arrayContaining(queues));
    } finally {
      await consumer.shutdown();
      await cluster.remove();
    }
  }, 30_000);
});

describe('a pull consumer with queues of a namespace', () => {
  it('takes and gives them by the names of its application', async () => {
    const cluster = await ClientCluster.start();
    const producer = await cluster.producer({ namespace: 'east' });
    const bodies = ['m0', 'm1', 'm2'];
    const [queue] = await producer.fetchPublishMessageQueues('orders');
    if (!queue) throw new Error('no queue');
    for (const body of bodies) await producer.send({ topic: 'orders', body: Buffer.from(body) }, { queue });
    const consumer = new DefaultLitePullConsumer({
      group: 'choosers',
      nameServer: cluster.nameServer,
      namespace: 'east',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      autoCommit: false,
    });
    try {
      await consumer.assign([queue]);
      await consumer.start();
      expect(consumer.assignment()).toEqual([queue]);
      await consumer.seek(queue, 1);
      const seen: string[] = [];
      await eventually(async () => {
        for (const message of await consumer.poll(1000)) seen.push(message.body.toString());
        return seen.length >= 2;
      });
      expect(seen).toEqual(['m1', 'm2']);
      consumer.pause([queue]);
      expect(consumer.isPaused(queue)).toBe(true);
      consumer.resume([queue]);
      await consumer.commit([queue]);
      expect(await consumer.committed(queue)).toBe(3);
      expect(await consumer.offsetForTimestamp(queue, 0)).toBe(0);
      // As brokers know it, too.
      expect(await consumer.committed({ ...queue, topic: 'east%orders' })).toBe(3);
      await consumer.seekToBegin(queue);
      await consumer.seekToEnd(queue);
    } finally {
      await consumer.shutdown();
      await cluster.remove();
    }
  }, 30_000);
});

describe('the admin of a namespace', () => {
  it('calls topics and groups what the application calls them', async () => {
    const cluster = await ClientCluster.start();
    const namespace = 'east';
    const [admin, all] = [await cluster.admin({ namespace }), await cluster.admin()];
    await admin.createTopic({ topic: 'orders', queueNums: 1 });
    await admin.createSubscriptionGroup('billing');
    await all.createTopic('others');
    const producer = await cluster.producer({ namespace });
    const sent = await producer.send({ topic: 'orders', keys: 'k', body: Buffer.from('x') });
    const queue = sent.messageQueue;

    expect(await admin.topicList()).toEqual(expect.arrayContaining(['orders', 'others']));
    expect(await all.topicList()).toEqual(expect.arrayContaining(['east%orders', 'others']));
    expect((await admin.subscriptionGroups()).map(({ groupName }) => groupName)).toContain('billing');
    expect((await all.subscriptionGroups()).map(({ groupName }) => groupName)).toContain('east%billing');
    expect(await admin.topicQueues('orders')).toEqual([queue]);
    expect((await admin.topicStats('orders')).map((entry) => entry.queue)).toEqual([queue]);
    expect([await admin.minOffset(queue), await admin.maxOffset(queue)]).toEqual([0, 1]);
    expect(await admin.searchOffset(queue, 0)).toBe(0);
    for (const id of [sent.msgId, sent.offsetMsgId])
      expect((await admin.viewMessage('orders', id)).topic).toBe('orders');
    expect((await admin.queryMessage('orders', 'k')).map(({ topic }) => topic)).toEqual(['orders']);
    expect((await admin.readQueue(queue, 0)).messages.map(({ topic }) => topic)).toEqual(['orders']);

    await admin.updateConsumerOffset('billing', queue, 1);
    expect(await all.consumerOffset('east%billing', { ...queue, topic: 'east%orders' })).toBe(1);
    expect((await admin.consumeStats('billing', 'orders')).map((entry) => entry.queue)).toEqual([queue]);
    expect(await admin.topicConsumers('orders')).toEqual(['billing']);
    expect((await admin.producerConnection('producers', 'orders')).connectionSet).toHaveLength(1);
    await admin.resetOffset('billing', 'orders', 0);
    await admin.deleteSubscriptionGroup('billing');
    await admin.deleteTopic('orders');
    expect(await all.topicList()).not.toContain('east%orders');
    await cluster.remove();
  }, 30_000);
});

describe('a cluster with TLS and access control', () => {
  it('serves who connects securely and may do what it does, and nobody else', async () => {
    const secure = await SecureCluster.start(
      'accounts:\n' +
        '- accessKey: shop-front\n  secretKey: the-secret\n  topicPerms: [orders=PUB|SUB]\n  groupPerms: [consumers=SUB]\n' +
        '- accessKey: operator\n  secretKey: the-secret-2\n  admin: true\n',
    );
    const { nameServer } = secure;
    const front = { accessKey: 'shop-front', secretKey: 'the-secret', tls: authority };
    const clients: { shutdown(): Promise<unknown> }[] = [];
    const cluster = new ClientCluster();
    const producer = async (options: object): Promise<DefaultMQProducer> => {
      const started = new DefaultMQProducer({ group: 'p', nameServer, ...options });
      clients.push(started);
      await started.start();
      return started;
    };
    try {
      const operator = new MQAdmin({
        nameServer,
        accessKey: 'operator',
        secretKey: 'the-secret-2',
        tls: authority,
      });
      clients.push(operator);
      await operator.start();
      await operator.createTopic('orders');
      await operator.createTopic('other');

      const consumer = await cluster.consumer({ orders: '*' }, { ...front, nameServer });
      const allowed = await producer(front);
      const body = Buffer.from('hello');
      await allowed.send({ topic: 'orders', body });
      await consumer.count(1);
      expect(consumer.messages.map((message) => message.body.toString())).toEqual(['hello']);

      await expect(allowed.send({ topic: 'other', body }, { retries: 0 })).rejects.toMatchObject({
        responseCode: 16,
        remark: 'No default permission for topic:other',
      });
      const impostor = await producer({ ...front, secretKey: 'not-the-secret' });
      await expect(impostor.send({ topic: 'orders', body }, { retries: 0 })).rejects.toMatchObject({
        responseCode: 16,
        remark: 'Check signature failed for accessKey=shop-front',
      });
      const anonymous = await producer({ tls: authority });
      await expect(anonymous.send({ topic: 'orders', body }, { retries: 0 })).rejects.toMatchObject({
        remark: 'No accessKey is configured',
      });
      const plain = await producer({ accessKey: 'shop-front', secretKey: 'the-secret' });
      await expect(plain.send({ topic: 'orders', body })).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    } finally {
      await Promise.all(clients.map((client) => client.shutdown()));
      await cluster.remove();
      await secure.remove();
    }
  }, 30_000);
});
