import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DefaultMQProducer, DefaultMQPushConsumer, type MessageExt } from '@nest-rocketmq/client';
import { TestCluster } from './index.ts';

/** Waits for something that happens over sockets in this process. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('TestCluster', () => {
  let cluster: TestCluster;
  let producer: DefaultMQProducer;
  const consumers: DefaultMQPushConsumer[] = [];

  const consume = async (
    group: string,
    topic: string,
    handle: (message: MessageExt) => void | Promise<void>,
    maxReconsumeTimes = 16,
  ): Promise<void> => {
    const consumer = new DefaultMQPushConsumer({
      group,
      nameServer: cluster.nameServer,
      maxReconsumeTimes,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    consumers.push(consumer);
    consumer.subscribe(topic);
    consumer.onMessage(async (messages) => {
      for (const message of messages) await handle(message);
    });
    await consumer.start();
  };
  const bodies = (messages: MessageExt[]): string[] => messages.map((message) => message.body.toString());

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
    producer = new DefaultMQProducer({ group: 'p', nameServer: cluster.nameServer });
    await producer.start();
  });
  afterEach(async () => {
    for (const consumer of consumers.splice(0)) await consumer.shutdown();
    await producer.shutdown();
    await cluster.stop();
  });

  it('shows what was sent, by topic and by tag, in the order it was stored', async () => {
    for (const [tags, body] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['a', '4'],
    ] as const) {
      await producer.send({ topic: 'order', tags, body: Buffer.from(body) });
    }
    expect(bodies(await cluster.messages('order'))).toEqual(['1', '2', '3', '4']);
    expect(bodies(await cluster.messages('order:a'))).toEqual(['1', '4']);
    expect(bodies(await cluster.messages('order:b || c'))).toEqual(['2', '3']);
    expect(await cluster.messages('order:x')).toEqual([]);
    const [first] = await cluster.messages('order');
    expect(first).toMatchObject({ topic: 'order', tags: 'a', brokerName: 'broker-a', reconsumeTimes: 0 });
  });

  it('shows a topic right after the message that created it, and nothing of one that is not there', async () => {
    await producer.send({ topic: 'new-topic', body: Buffer.from('1') });
    expect(bodies(await cluster.messages('new-topic'))).toEqual(['1']);
    expect(await cluster.messages('unknown')).toEqual([]);
    expect(await cluster.deadLetters('unknown')).toEqual([]);
  });

  it('shows more than one pull gives', async () => {
    const messages = Array.from({ length: 100 }, (_, i) => ({
      topic: 'order',
      body: Buffer.from(String(i)),
    }));
    await producer.sendBatch(messages);
    await producer.sendBatch(messages);
    expect(await cluster.messages('order')).toHaveLength(200);
  });

  it('delivers what is delayed when the time has come, and not before', async () => {
    await producer.send({ topic: 'order', body: Buffer.from('later'), delayLevel: 16 });
    await cluster.advance('29m');
    expect(await cluster.messages('order')).toEqual([]);
    await cluster.advance('1m');
    expect(bodies(await cluster.messages('order'))).toEqual(['later']);
    await producer.send({ topic: 'order', body: Buffer.from('again'), delayLevel: 16 });
    await cluster.advance('1m');
    expect(await cluster.messages('order')).toHaveLength(1);
  });

  it('brings a failed message again as time passes', async () => {
    const seen: number[] = [];
    await consume('g', 'order', (message) => {
      seen.push(message.reconsumeTimes);
      if (message.reconsumeTimes < 2) throw new Error('not yet');
    });
    await producer.send({ topic: 'order', body: Buffer.from('x') });
    await until(() => seen.length === 1);
    await until(async () => (await cluster.messages('SCHEDULE_TOPIC_XXXX')).length === 1);
    await cluster.advance('10s');
    await until(() => seen.length === 2);
    await until(async () => (await cluster.messages('SCHEDULE_TOPIC_XXXX')).length === 2);
    await cluster.advance('30s');
    await until(() => seen.length === 3);
    expect(seen).toEqual([0, 1, 2]);
    expect(await cluster.deadLetters('g')).toEqual([]);
  });

  it('shows what a group gave up on', async () => {
    let attempts = 0;
    await consume(
      'g',
      'order',
      () => {
        attempts++;
        throw new Error('never');
      },
      2,
    );
    await producer.send({ topic: 'order', body: Buffer.from('hopeless') });
    await until(async () => (await cluster.messages('SCHEDULE_TOPIC_XXXX')).length === 1);
    await cluster.advance('5m');
    await until(async () => (await cluster.deadLetters('g')).length === 1);
    expect(attempts).toBe(3);
    expect(bodies(await cluster.deadLetters('g'))).toEqual(['hopeless']);
  });

  it('keeps clients connected while hours pass', async () => {
    let seen = 0;
    await consume('g', 'order', () => void seen++);
    await producer.send({ topic: 'order', body: Buffer.from('1') });
    await until(() => seen === 1);
    await cluster.advance('6h');
    await producer.send({ topic: 'order', body: Buffer.from('2') });
    await until(() => seen === 2);
    expect(cluster.now() - Date.now()).toBeGreaterThan(5.9 * 3_600_000);
  });

  it('gives the options of the module, and takes settings of the broker', async () => {
    expect(cluster.options({ connect: 'background' })).toEqual({
      nameServer: cluster.nameServer,
      connect: 'background',
    });
    const wrong = { broker: { ['brokerNmae' as 'brokerName']: 'x' } };
    await expect(TestCluster.start(wrong)).rejects.toThrow('Did you mean brokerName?');
  });

  it('leaves nothing that answers, and may be stopped twice', async () => {
    const other = await TestCluster.start();
    await other.stop();
    await other.stop();
    const late = new DefaultMQProducer({ group: 'late', nameServer: other.nameServer });
    await late.start();
    await expect(late.checkNameServer()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await late.shutdown();
  });
});
