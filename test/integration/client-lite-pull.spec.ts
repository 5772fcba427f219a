import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DefaultLitePullConsumer,
  type DefaultMQProducer,
  type LitePullConsumerOptions,
  type MessageExt,
  type MessageQueue,
  type MQAdmin,
} from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('DefaultLitePullConsumer', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;
  const consumers: DefaultLitePullConsumer[] = [];

  beforeAll(async () => {
    cluster = await ClientCluster.start();
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown()));
  });

  afterAll(() => cluster.remove());

  const queueOf = (topic: string, queueId = 0): MessageQueue => ({ topic, brokerName: 'broker-a', queueId });

  function created(topic: string, options: Partial<LitePullConsumerOptions> = {}): DefaultLitePullConsumer {
    const consumer = new DefaultLitePullConsumer({
      group: `${topic}-group`,
      nameServer: cluster.nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      ...options,
    });
    consumers.push(consumer);
    return consumer;
  }

  async function subscribed(
    topic: string,
    options: Partial<LitePullConsumerOptions> = {},
  ): Promise<DefaultLitePullConsumer> {
    const consumer = created(topic, options);
    consumer.subscribe(topic);
    await consumer.start();
    return consumer;
  }

  async function assigned(
    topic: string,
    options: Partial<LitePullConsumerOptions> = {},
  ): Promise<DefaultLitePullConsumer> {
    const consumer = created(topic, options);
    await consumer.start();
    await consumer.assign(await consumer.fetchMessageQueues(topic));
    return consumer;
  }

  async function topicWith(topic: string, count: number, queueNums = 1): Promise<void> {
    await admin.createTopic({ topic, queueNums });
    await send(topic, 0, count, queueNums);
  }

  async function send(topic: string, from: number, to: number, queueNums = 1): Promise<void> {
    for (let i = from; i < to; i++) {
      const queue = queueOf(topic, i % queueNums);
      await producer.send({ topic, tags: i % 2 ? 'odd' : 'even', body: Buffer.from(`m${i}`) }, { queue });
    }
  }

  const text = (messages: readonly MessageExt[]) => messages.map((message) => message.body.toString());

  async function polled(consumer: DefaultLitePullConsumer, count: number): Promise<string[]> {
    const bodies: string[] = [];
    while (bodies.length < count) {
      const messages = await consumer.poll(5000);
      if (messages.length === 0) break;
      bodies.push(...text(messages));
    }
    return bodies;
  }

  it('gives subscribed messages queue by queue, at most pullBatchSize at once', async () => {
    await topicWith('lite', 25);
    const consumer = await subscribed('lite', { pullBatchSize: 10 });
    expect(text(await consumer.poll())).toEqual(Array.from({ length: 10 }, (_, i) => `m${i}`));
    expect(await consumer.poll()).toHaveLength(10);
    expect(await consumer.poll()).toHaveLength(5);
    expect(await consumer.poll(0)).toEqual([]);
    const waiting = consumer.poll(10_000);
    await send('lite', 25, 26);
    expect(text(await waiting)).toEqual(['m25']);
  });

  it('selects by tags and by SQL92', async () => {
    await topicWith('selected', 6);
    const tags = created('selected', { group: 'by-tag' });
    tags.subscribe('selected', 'odd');
    await tags.start();
    expect(await polled(tags, 3)).toEqual(['m1', 'm3', 'm5']);
    const forAssign = created('selected', { group: 'for-assign' });
    forAssign.setSubExpressionForAssign('selected', 'even');
    await forAssign.assign([queueOf('selected')]);
    await forAssign.start();
    expect(await polled(forAssign, 3)).toEqual(['m0', 'm2', 'm4']);
  });

  it('shares the queues of a topic with the other members of its group', async () => {
    await topicWith('shared', 0, 4);
    const one = await subscribed('shared');
    const two = await subscribed('shared');
    await eventually(() => one.assignment().length === 2 && two.assignment().length === 2);
    await send('shared', 0, 40, 4);
    const [first, second] = await Promise.all([polled(one, 20), polled(two, 20)]);
    expect(new Set([...first, ...second]).size).toBe(40);
    await one.shutdown();
    await eventually(() => two.assignment().length === 4);
  });

  it('commits by itself what earlier polls gave, not what the last one gave', async () => {
    await topicWith('auto', 10);
    const one = await subscribed('auto', { pullBatchSize: 3, autoCommitIntervalMillis: 1000 });
    expect(await one.poll()).toHaveLength(3);
    await eventually(async () => {
      await one.poll(0);
      return (await one.committed(queueOf('auto'))) !== undefined;
    });
    const committed = await one.committed(queueOf('auto'));
    await one.shutdown();
    expect(await admin.consumerOffset('auto-group', queueOf('auto'))).toBe(committed);
    const two = await subscribed('auto');
    expect(text(await two.poll())[0]).toBe(`m${committed}`);
  });

  it('without autoCommit stores nothing before it is told to', async () => {
    await topicWith('manual', 10);
    const queue = queueOf('manual');
    const one = await subscribed('manual', { autoCommit: false, pullBatchSize: 4 });
    await one.poll();
    await one.shutdown();
    const two = await subscribed('manual', { autoCommit: false, pullBatchSize: 4 });
    expect(text(await two.poll())).toEqual(['m0', 'm1', 'm2', 'm3']);
    await two.commit();
    expect(await admin.consumerOffset('manual-group', queue)).toBe(4);
    await two.poll();
    await two.commit([queue]);
    expect(await admin.consumerOffset('manual-group', queue)).toBe(8);
    await two.commitOffsets([{ queue, offset: 6 }]);
    expect(await admin.consumerOffset('manual-group', queue)).toBe(6);
    expect(await two.committed(queue)).toBe(6);
    await two.shutdown();
    const three = await subscribed('manual');
    expect(text(await three.poll())).toEqual(['m6', 'm7', 'm8', 'm9']);
  });

  it('pulls the queues it is assigned, begins with new ones and stops with those it is not assigned any more', async () => {
    await topicWith('assigned', 8, 4);
    const consumer = created('assigned');
    await consumer.assign([queueOf('assigned', 1)]);
    await consumer.start();
    expect(await polled(consumer, 2)).toEqual(['m1', 'm5']);
    await consumer.assign([queueOf('assigned', 1), queueOf('assigned', 2)]);
    expect(await polled(consumer, 2)).toEqual(['m2', 'm6']);
    await consumer.assign([queueOf('assigned', 3)]);
    expect(consumer.assignment()).toEqual([queueOf('assigned', 3)]);
    expect(await polled(consumer, 2)).toEqual(['m3', 'm7']);
    expect(() => consumer.subscribe('assigned')).toThrow('not both');
  });

  it('goes where it is told: to an offset, the beginning, the end, a time', async () => {
    await topicWith('sought', 20);
    const queue = queueOf('sought');
    const consumer = await assigned('sought');
    expect(text(await consumer.poll())[0]).toBe('m0');
    await consumer.seek(queue, 17);
    expect(await polled(consumer, 3)).toEqual(['m17', 'm18', 'm19']);
    await consumer.seekToBegin(queue);
    expect(text(await consumer.poll())[0]).toBe('m0');
    await consumer.seekToEnd(queue);
    await send('sought', 20, 21);
    expect(text(await consumer.poll())).toEqual(['m20']);
    expect(await consumer.offsetForTimestamp(queue, 0)).toBe(0);
    await consumer.seek(queue, 5);
    await consumer.commit();
    expect(await admin.consumerOffset('sought-group', queue)).toBe(5);
    await expect(consumer.seek(queue, 22)).rejects.toThrow('it has 0 to 21');
    await expect(consumer.seek(queueOf('sought', 9), 0)).rejects.toThrow('is not assigned');
  });

  it('gives nothing of paused queues, and what waited when they are resumed', async () => {
    await topicWith('paused', 8, 2);
    const consumer = await assigned('paused');
    consumer.pause([queueOf('paused', 0)]);
    expect(consumer.isPaused(queueOf('paused', 0))).toBe(true);
    expect(await polled(consumer, 4)).toEqual(['m1', 'm3', 'm5', 'm7']);
    expect(await consumer.poll(50)).toEqual([]);
    const waiting = consumer.poll(10_000);
    consumer.resume([queueOf('paused', 0)]);
    expect(text(await waiting)).toEqual(['m0', 'm2', 'm4', 'm6']);
  });

  it('stops pulling while too much waits, of a queue or of all', async () => {
    await topicWith('flow', 40, 2);
    const group = 'flow-group';
    const one = await subscribed('flow', { pullBatchSize: 5, pullThresholdForAll: 10 });
    const pulled = async (): Promise<number> => {
      const rows = await admin.consumeStats(group, 'flow');
      return rows.reduce((sum, { value }) => sum + (value.pullOffset ?? 0), 0);
    };
    await eventually(async () => (await pulled()) >= 10);
    const before = await pulled();
    expect(before).toBeLessThanOrEqual(15);
    expect(await polled(one, 40)).toHaveLength(40);
    expect(await pulled()).toBe(40);
  });

  it('is iterated over until it is shut down', async () => {
    await topicWith('iterated', 12);
    const consumer = await subscribed('iterated', { pullBatchSize: 5 });
    const sizes: number[] = [];
    for await (const messages of consumer) {
      sizes.push(messages.length);
      if (sizes.length === 3) break;
    }
    expect(sizes).toEqual([5, 5, 2]);
    const ended = (async () => {
      for await (const messages of consumer) sizes.push(messages.length);
    })();
    await consumer.shutdown();
    await ended;
    expect(sizes).toHaveLength(3);
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  it('tells when a topic has other queues than before', async () => {
    await topicWith('grown', 0, 2);
    const consumer = await subscribed('grown', { topicMetadataCheckIntervalMillis: 50 });
    const told: [string, number][] = [];
    consumer.registerTopicMessageQueueChangeListener('grown', (topic, queues) =>
      told.push([topic, queues.length]),
    );
    await eventually(async () => {
      await admin.createTopic({ topic: 'grown', queueNums: 3 });
      return told.length > 0;
    });
    expect(told).toEqual([['grown', 3]]);
    await expect(consumer.fetchMessageQueues('no-such-topic')).rejects.toMatchObject({ code: 'NO_ROUTE' });
  });

  it('leaves a trace of what it polled, where that is wanted', async () => {
    await topicWith('traced', 2);
    await admin.createTopic({ topic: 'traces', queueNums: 1 });
    const consumer = await subscribed('traced', { enableMsgTrace: true, customizedTraceTopic: 'traces' });
    const messages: MessageExt[] = [];
    while (messages.length < 2) messages.push(...(await consumer.poll(1000)));
    // What waits is sent then.
    await consumer.shutdown();
    for (const { msgId } of messages) {
      const records = await admin.messageTrace(msgId, 'traces');
      expect(records.map(({ type }) => type).toSorted()).toEqual(['SubAfter', 'SubBefore']);
      for (const record of records) expect(record).toMatchObject({ groupName: 'traced-group', msgId });
    }
  });
});
