import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DefaultMQPushConsumer,
  type DefaultMQProducer,
  type MessageExt,
  type MQAdmin,
} from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('messages whose listener fails', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;

  beforeAll(async () => {
    cluster = await ClientCluster.start();
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterAll(() => cluster.remove());

  it('come again with their topic, id and tag, and count how often', async () => {
    await admin.createTopic({ topic: 'again', queueNums: 1 });
    const sent = await producer.send({ topic: 'again', tags: 'x', keys: 'k', body: Buffer.from('try me') });
    const attempts: MessageExt[] = [];
    const collector = await cluster.consumer({ again: 'x' }, { group: 'failers' }, (message) => {
      attempts.push(message);
      if (message.reconsumeTimes < 2) throw new Error('not yet');
    });
    await collector.count(1);
    expect(attempts.map((message) => message.reconsumeTimes)).toEqual([0, 1, 2]);
    for (const message of attempts) {
      expect(message).toMatchObject({ topic: 'again', tags: 'x', keys: ['k'], msgId: sent.msgId });
    }
    expect(attempts[2]?.properties.get('ORIGIN_MESSAGE_ID')).toBe(sent.offsetMsgId);
    // The message was settled in its own queue: the failure holds nothing back.
    await collector.consumer.shutdown();
    const queue = { topic: 'again', brokerName: 'broker-a', queueId: 0 };
    expect(await admin.consumerOffset('failers', queue)).toBe(1);
  });

  it('go to the dead letters after maxReconsumeTimes', async () => {
    await admin.createTopic({ topic: 'hopeless', queueNums: 1 });
    let calls = 0;
    const collector = await cluster.consumer(
      { hopeless: '*' },
      { group: 'hopeless', maxReconsumeTimes: 1 },
      () => {
        calls++;
        throw new Error('never');
      },
    );
    const sent = await producer.send({ topic: 'hopeless', body: Buffer.from('in vain') });
    const queue = { topic: '%DLQ%hopeless', brokerName: 'broker-a', queueId: 0 };
    await eventually(async () => {
      const topics = await admin.topicList();
      return topics.includes('%DLQ%hopeless') && (await admin.maxOffset(queue)) === 1;
    });
    expect(calls).toBe(2);
    const [dead] = await admin.queryMessage('%DLQ%hopeless', sent.msgId);
    expect(dead?.body.toString()).toBe('in vain');
    await collector.consumer.shutdown();
  });

  it('of a batch call are retried or rejected one by one, the others are done', async () => {
    await admin.createTopic({ topic: 'partly', queueNums: 1 });
    await producer.sendBatch(
      ['a', 'b', 'c', 'd'].map((body) => ({ topic: 'partly', body: Buffer.from(body) })),
    );
    const seen: string[] = [];
    const consumer = new DefaultMQPushConsumer({
      group: 'partly',
      nameServer: cluster.nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      consumeMessageBatchMaxSize: 4,
    });
    consumer.subscribe('partly');
    consumer.onMessage((messages, context) => {
      for (const [index, message] of messages.entries()) {
        const body = message.body.toString();
        seen.push(`${body}${message.reconsumeTimes}`);
        if (body === 'b' && message.reconsumeTimes === 0) context.retry(index, 1);
        if (body === 'c') context.reject(index, { reason: 'not valid' });
      }
    });
    await consumer.start();
    await eventually(() => seen.includes('b1'));
    expect(seen).toEqual(['a0', 'b0', 'c0', 'd0', 'b1']);
    await eventually(async () => (await admin.topicList()).includes('%DLQ%partly'));
    const queue = { topic: '%DLQ%partly', brokerName: 'broker-a', queueId: 0 };
    await eventually(async () => (await admin.maxOffset(queue)) === 1);
    const dlq = await cluster.consumer({ '%DLQ%partly': '*' }, { group: 'dlq-reader' });
    await dlq.count(1);
    expect(dlq.bodies).toEqual(['c']);
    expect(dlq.messages[0]?.properties.get('reason')).toBe('not valid');
    await Promise.all([consumer.shutdown(), dlq.consumer.shutdown()]);
  });
});
