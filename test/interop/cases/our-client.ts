import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DefaultMQProducer, MessageModel, MQAdmin } from '@nest-rocketmq/client';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENT, PATIENT_SENDER } from '../harness/patient.ts';
import { PATIENCE_MS, timed, TOLD_MS, until } from '../harness/until.ts';
import { caseTopic, groupConsumed, numbered, QUEUES, type Cluster } from './cluster.ts';

/** What our client must be able to do on a cluster, with Apache's client as its counterpart. */
export function ourClientCases(cluster: () => Cluster, java: () => JavaClient): void {
  let producer: DefaultMQProducer;
  const topicOf = (name: string) => caseTopic(cluster(), java(), `our-${name}`);

  beforeAll(async () => {
    producer = new DefaultMQProducer({
      group: 'our-producer',
      nameServer: cluster().nameServer,
      ...PATIENT_SENDER,
    });
    await producer.start();
  });

  afterAll(() => producer.shutdown());

  it('sends what a Java consumer understands, field by field', async () => {
    const topic = await topicOf('send');
    const consumer = await java().consumer({
      group: `${topic}-group`,
      topic,
      nameServer: cluster().nameServer,
    });
    const body = Buffer.from([0, 1, 127, 128, 255, ...Buffer.from('订单 😀')]);
    const sent = await producer.send(
      { topic, body, tags: 'created', keys: ['k1', 'k2'], flag: 7, properties: { who: '订单😀' } },
      { queue: { topic, brokerName: cluster().brokerName, queueId: 2 } },
    );
    expect(sent).toMatchObject({ sendStatus: 'SEND_OK', queueOffset: 0 });
    const [message] = await consumer.received(1);
    expect(message).toMatchObject({
      topic,
      body,
      tags: 'created',
      keys: 'k1 k2',
      flag: 7,
      msgId: sent.msgId,
      queueId: 2,
      queueOffset: 0,
      properties: { who: '订单😀', UNIQ_KEY: sent.msgId },
    });
    await consumer.stop();
  });

  it('consumes what a Java producer sent, field by field', async () => {
    const topic = await topicOf('consume');
    const consumer = await OurConsumer.start({
      group: `${topic}-group`,
      topic,
      nameServer: cluster().nameServer,
    });
    const sender = await java().producer(cluster().nameServer);
    const body = Buffer.from([0, 1, 127, 128, 255, ...Buffer.from('订单 😀')]);
    const sent = await sender.send(
      { topic, body, tags: 'created', keys: 'k1 k2', flag: 7, properties: { who: '订单😀' } },
      1,
    );
    const [message] = await consumer.received(1);
    expect(message).toMatchObject({
      topic,
      tags: 'created',
      keys: ['k1', 'k2'],
      flag: 7,
      msgId: sent.msgId,
      offsetMsgId: sent.offsetMsgId,
      brokerName: cluster().brokerName,
      queueId: 1,
      queueOffset: 0,
      reconsumeTimes: 0,
      storeHost: cluster().brokerAddress,
    });
    expect(message?.body.equals(body)).toBe(true);
    expect(message?.properties.get('who')).toBe('订单😀');
    await consumer.stop();
  });

  it('compressed bodies, both ways', async () => {
    const topic = await topicOf('compressed');
    const options = { topic, nameServer: cluster().nameServer };
    const body = Buffer.alloc(200_000, 'compressible ');
    const ours = await OurConsumer.start({ ...options, group: `${topic}-ours` });
    const theirs = await java().consumer({ ...options, group: `${topic}-theirs` });
    const sender = await java().producer(cluster().nameServer);
    await sender.send({ topic, body });
    await producer.send({ topic, body });
    for (const messages of [await ours.received(2), await theirs.received(2)]) {
      expect(messages.every((message) => message.body.equals(body) && message.storeSize < 20_000)).toBe(true);
    }
    await Promise.all([ours.stop(), theirs.stop()]);
  });

  it('batches and one-way messages, both ways', async () => {
    const topic = await topicOf('batch');
    const options = { topic, nameServer: cluster().nameServer };
    const ours = await OurConsumer.start({ ...options, group: `${topic}-ours` });
    const theirs = await java().consumer({ ...options, group: `${topic}-theirs` });
    const sender = await java().producer(cluster().nameServer);
    const sent = await producer.sendBatch(
      numbered(10).map((text) => ({ topic, body: Buffer.from(`our ${text}`) })),
    );
    expect(sent.offsetMsgId?.split(',')).toHaveLength(10);
    await sender.sendBatch(numbered(10).map((text) => ({ topic, body: `their ${text}` })));
    for (const text of numbered(5))
      await producer.sendOneway({ topic, body: Buffer.from(`our one-way ${text}`) });
    await Promise.all([ours.received(25), theirs.received(25)]);
    const expected = [
      ...numbered(10).flatMap((text) => [`our ${text}`, `their ${text}`]),
      ...numbered(5).map((text) => `our one-way ${text}`),
    ].toSorted();
    expect(ours.bodies).toEqual(expected);
    expect(theirs.bodies).toEqual(expected);
    await Promise.all([ours.stop(), theirs.stop()]);
  });

  it('a subscription to some tags', async () => {
    const topic = await topicOf('tags');
    const sender = await java().producer(cluster().nameServer);
    for (const tags of ['a', 'b', 'c', 'AaAa', 'BBBB'])
      await sender.send({ topic, body: `of ${tags}`, tags });
    const consumer = await OurConsumer.start({
      group: `${topic}-group`,
      topic,
      expression: 'a || c || AaAa',
      nameServer: cluster().nameServer,
    });
    const all = await OurConsumer.start({ group: `${topic}-all`, topic, nameServer: cluster().nameServer });
    await all.received(5);
    await consumer.received(3);
    expect(consumer.bodies).toEqual(['of AaAa', 'of a', 'of c']);
    await Promise.all([consumer.stop(), all.stop()]);
  });

  it('a topic that nobody created', async () => {
    const topic = `our-auto-${java().version.replaceAll('.', '_')}`;
    await producer.send({ topic, body: Buffer.from('first') });
    const messages = await until('the message can be read', async () => {
      const found = await java().read(cluster().nameServer, topic);
      return found.length > 0 && found;
    });
    expect(messages.map((message) => message.body.toString())).toEqual(['first']);
  });

  it('broadcasting: each consumer gets all', async () => {
    const topic = await topicOf('broadcast');
    const options = {
      group: `${topic}-group`,
      topic,
      nameServer: cluster().nameServer,
      messageModel: MessageModel.BROADCASTING,
    };
    const consumers = await Promise.all(
      ['one', 'two'].map((instanceName) => OurConsumer.start({ ...options, instanceName })),
    );
    for (const body of numbered(12)) await producer.send({ topic, body: Buffer.from(body) });
    for (const consumer of consumers) {
      await consumer.received(12);
      expect(consumer.bodies).toEqual(numbered(12).toSorted());
    }
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  });

  it('a group of one Java consumer and one of ours shares the queues; each takes over from the other', async () => {
    const topic = await topicOf('mixed');
    const options = { group: `${topic}-group`, topic, nameServer: cluster().nameServer };
    const theirs = await java().consumer(options);
    await until(
      'the Java consumer has all queues',
      async () => (await theirs.assignment()).length === QUEUES,
    );
    const ours = await OurConsumer.start(options);
    const halves = async () => ours.queues === 2 && (await theirs.assignment()).length === 2;
    const took = [await timed(() => until('each has two queues', halves, PATIENCE_MS, () => ours.queues))];
    for (const [i, body] of numbered(40).entries()) {
      const queue = { topic, brokerName: cluster().brokerName, queueId: i % QUEUES };
      await producer.send({ topic, body: Buffer.from(body) }, { queue });
    }
    const come = () => ours.messages.length + theirs.messages.length >= 40;
    await until('all have come', come, PATIENCE_MS, () => [ours.bodies, theirs.bodies]);
    expect([...ours.bodies, ...theirs.bodies].toSorted()).toEqual(numbered(40).toSorted());
    expect([ours.messages.length, theirs.messages.length]).toEqual([20, 20]);

    await theirs.stop();
    const oursIsAlone = () => ours.queues === QUEUES;
    took.push(await timed(() => until('ours has all queues', oursIsAlone, PATIENCE_MS, () => ours.queues)));
    const again = await java().consumer(options);
    const halvesAgain = async () => ours.queues === 2 && (await again.assignment()).length === 2;
    await until('each has two queues again', halvesAgain, PATIENCE_MS, () => ours.queues);
    await ours.stop();
    const theirsIsAlone = async () => (await again.assignment()).length === QUEUES;
    await until('the Java consumer has all', theirsIsAlone);
    // Both on a machine that has time; on one that is slow for a moment, one of them.
    expect(Math.min(...took)).toBeLessThan(TOLD_MS);
    for (const body of numbered(8)) await producer.send({ topic, body: Buffer.from(`after ${body}`) });
    await again.received(8);
    expect(again.bodies).toEqual(numbered(8).map((body) => `after ${body}`));
    await again.stop();
  });

  it('a failed message comes again', async () => {
    const topic = await topicOf('retry');
    const options = { group: `${topic}-group`, topic, nameServer: cluster().nameServer, failures: 2 };
    const consumer = await OurConsumer.start(options);
    const sent = await producer.send({
      topic,
      body: Buffer.from('again'),
      tags: 'x',
      properties: { mine: 'kept' },
    });
    const messages = await consumer.received(3);
    expect(messages.map((message) => message.reconsumeTimes)).toEqual([0, 1, 2]);
    for (const message of messages) {
      expect(message).toMatchObject({ topic, msgId: sent.msgId, tags: 'x' });
      expect(message.body.toString()).toBe('again');
      expect(message.properties.get('mine')).toBe('kept');
    }
    await consumer.stop();
  });

  it('a group goes on where a Java consumer of it was, and the other way round', async () => {
    const topic = await topicOf('offsets');
    const group = `${topic}-group`;
    const options = { group, topic, nameServer: cluster().nameServer };
    const sendAll = async (name: string) => {
      for (let queueId = 0; queueId < QUEUES; queueId++) {
        const queue = { topic, brokerName: cluster().brokerName, queueId };
        await producer.send({ topic, body: Buffer.from(`${name}-${queueId}`) }, { queue });
      }
    };
    const bodies = (name: string) => [0, 1, 2, 3].map((queueId) => `${name}-${queueId}`);
    await sendAll('first');
    const theirs = await java().consumer(options);
    await theirs.received(QUEUES);
    // While it runs: what its pulls carry and what it says at its end reach threads of their own at Apache's broker.
    await groupConsumed(cluster(), java(), group, topic, 1);
    await theirs.stop();
    await sendAll('second');
    const ours = await OurConsumer.start(options);
    await ours.received(QUEUES);
    expect(ours.bodies).toEqual(bodies('second'));
    await ours.stop();
    const rows = await groupConsumed(cluster(), java(), group, topic, 2);
    expect(rows.map((row) => row.brokerOffset)).toEqual(Array(QUEUES).fill(2));
    await sendAll('third');
    const last = await java().consumer(options);
    await last.received(QUEUES);
    expect(last.bodies).toEqual(bodies('third'));
    await last.stop();
  });

  it('administration', async () => {
    const admin = new MQAdmin({ nameServer: cluster().nameServer, ...PATIENT });
    await admin.start();
    try {
      const topic = `our-admin-${java().version.replaceAll('.', '_')}`;
      await admin.createTopic({ topic, readQueueNums: 3, writeQueueNums: 3 });
      await until('the topic is listed', async () => (await admin.topicList()).includes(topic));
      const queues = await until('it has a route', () => producer.fetchPublishMessageQueues(topic));
      expect(queues).toHaveLength(3);
      const sent = await producer.send({ topic, body: Buffer.from('one') });
      const queue = sent.messageQueue;
      expect(await admin.minOffset(queue)).toBe(0);
      // Apache's broker builds its queues behind the answers.
      expect(await until('it can be read', () => admin.maxOffset(queue))).toBe(1);
      expect(await admin.searchOffset(queue, 0)).toBe(0);
      const clusters = await admin.clusterInfo();
      expect([...clusters.brokerAddrTable.keys()]).toContain(cluster().brokerName);
      await admin.deleteTopic(topic);
      await until('the topic is gone', async () => !(await admin.topicList()).includes(topic));
    } finally {
      await admin.shutdown();
    }
  });
}
