import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultMQPullConsumer, type DefaultMQProducer, type MQAdmin } from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('DefaultMQPullConsumer', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;
  let consumer: DefaultMQPullConsumer;

  beforeAll(async () => {
    cluster = await ClientCluster.start();
    producer = await cluster.producer();
    admin = await cluster.admin();
    consumer = new DefaultMQPullConsumer({ group: 'pullers', nameServer: cluster.nameServer });
    await consumer.start();
  });

  afterAll(async () => {
    await consumer.shutdown();
    await cluster.remove();
  });

  async function queueWith(topic: string, tags: readonly string[]) {
    await admin.createTopic({ topic, queueNums: 1 });
    const [queue] = await consumer.fetchSubscribeMessageQueues(topic);
    if (!queue) throw new Error('no queue');
    for (const [i, tag] of tags.entries())
      await producer.send({ topic, tags: tag, body: Buffer.from(`m${i}`) }, { queue });
    return queue;
  }

  it('pulls what there is, by tags, and says where to go on', async () => {
    const queue = await queueWith('hand', ['a', 'b', 'a', 'b']);
    const first = await consumer.pull(queue, '*', 0, 3);
    expect(first).toMatchObject({ pullStatus: 'FOUND', nextBeginOffset: 3, minOffset: 0, maxOffset: 4 });
    expect(first.messages.map(({ body }) => body.toString())).toEqual(['m0', 'm1', 'm2']);
    const tagged = await consumer.pull(queue, 'b', 0, 10);
    expect(tagged.messages.map(({ body }) => body.toString())).toEqual(['m1', 'm3']);
    expect(await consumer.pull(queue, 'c', 0, 10)).toMatchObject({
      pullStatus: 'NO_MATCHED_MSG',
      nextBeginOffset: 4,
      messages: [],
    });
    expect(await consumer.pull(queue, '*', 4, 10)).toMatchObject({ pullStatus: 'NO_NEW_MSG' });
    expect(await consumer.pull(queue, '*', 40, 10)).toMatchObject({
      pullStatus: 'OFFSET_ILLEGAL',
      nextBeginOffset: 4,
    });
    expect([await consumer.minOffset(queue), await consumer.maxOffset(queue)]).toEqual([0, 4]);
    expect(await consumer.searchOffset(queue, 0)).toBe(0);
  });

  it('waits at the broker for a message when it is told to', async () => {
    const queue = await queueWith('waited', []);
    const waiting = consumer.pullBlockIfNotFound(queue, '*', 0, 10);
    await producer.send({ topic: 'waited', body: Buffer.from('late') }, { queue });
    const { pullStatus, messages } = await waiting;
    expect([pullStatus, messages[0]?.body.toString()]).toEqual(['FOUND', 'late']);
    const abort = new AbortController();
    const given = consumer.pullBlockIfNotFound(queue, '*', 1, 10, { signal: abort.signal });
    abort.abort();
    await expect(given).rejects.toThrow(/abort/i);
  });

  it('keeps offsets, and stores them when it shuts down', async () => {
    const queue = await queueWith('kept', ['a', 'b']);
    const one = new DefaultMQPullConsumer({ group: 'keepers', nameServer: cluster.nameServer });
    await one.start();
    expect(await one.fetchConsumeOffset(queue, true)).toBe(0);
    one.updateConsumeOffset(queue, 2);
    expect(await one.fetchConsumeOffset(queue)).toBe(2);
    await one.shutdown();
    expect(await admin.consumerOffset('keepers', queue)).toBe(2);
    await expect(one.pull(queue, '*', 0, 1)).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  it('tells the bounds of a queue before it has asked for any route', async () => {
    const queue = await queueWith('unasked', ['a', 'b']);
    const one = new DefaultMQPullConsumer({ group: 'askers', nameServer: cluster.nameServer });
    await one.start();
    expect([await one.minOffset(queue), await one.maxOffset(queue)]).toEqual([0, 2]);
    await expect(one.maxOffset({ ...queue, topic: 'none', brokerName: 'none' })).rejects.toMatchObject({
      code: 'NO_ROUTE',
    });
    await one.shutdown();
  });

  it('gives messages back to be delivered again, or to the dead letters', async () => {
    const queue = await queueWith('returned', ['a', 'b']);
    const { messages } = await consumer.pull(queue, '*', 0, 10);
    const [again, dead] = messages;
    if (!again || !dead) throw new Error('nothing was pulled');
    await consumer.sendMessageBack(again);
    await consumer.sendMessageBack(dead, -1);
    // The broker tells the NameServer of the topics it made a moment later.
    await eventually(async () => (await admin.topicList()).includes('%DLQ%pullers'));
    const [letters] = await admin.topicQueues('%DLQ%pullers');
    const [retries] = await consumer.fetchSubscribeMessageQueues('%RETRY%pullers');
    if (!letters || !retries) throw new Error('no queue');
    const dlq = await admin.readQueue(letters, 0);
    expect(dlq.messages.map(({ body }) => body.toString())).toEqual(['m1']);
    const retried = await consumer.pullBlockIfNotFound(retries, '*', 0, 10);
    expect(
      retried.messages.map(({ body, reconsumeTimes }) => `${body.toString()} ${reconsumeTimes}`),
    ).toEqual(['m0 1']);
    await expect(consumer.sendMessageBack({ ...again })).rejects.toThrow('is a copy');
  });

  it('refuses what is no offset or number', async () => {
    const queue = { topic: 'hand', brokerName: 'broker-a', queueId: 0 };
    await expect(consumer.pull(queue, '*', -1, 10)).rejects.toThrow('The offset to pull from is -1');
    await expect(consumer.pull(queue, '*', 0, 0)).rejects.toThrow('maxNums is 0');
    expect(() => consumer.updateConsumeOffset(queue, 1.5)).toThrow('1.5');
  });
});
