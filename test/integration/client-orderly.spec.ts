import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DefaultMQPushConsumer,
  hashSelector,
  type ConsumeOrderlyStatus,
  type DefaultMQProducer,
  type MessageExt,
  type MQAdmin,
} from '@nest-rocketmq/client';
import {
  HeartbeatData,
  LockBatchRequestBody,
  LockBatchResponseBody,
  RemotingCommand,
  RequestCode,
} from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { ManualClock } from '@nest-rocketmq/runtime';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('messages in order', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;
  let clock: ManualClock;
  let brokerAddress: string;
  const consumers: DefaultMQPushConsumer[] = [];

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    cluster = await ClientCluster.start([]);
    brokerAddress = (await cluster.startBroker('broker-a', {}, { clock })).address;
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.shutdown({ drainMs: 0 })));
    await cluster.remove();
  });

  it('may be consumed concurrently under the lock of their queue, by a listener that keeps an order of its own', async () => {
    await admin.createTopic({ topic: 'lanes', readQueueNums: 1, writeQueueNums: 1 });
    const seen: string[] = [];
    const ends: (() => void)[] = [];
    const start = async (name: string): Promise<DefaultMQPushConsumer> => {
      const consumer = new DefaultMQPushConsumer({
        group: 'lanes-group',
        nameServer: cluster.nameServer,
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        lockQueues: true,
        instanceName: name,
        pullBatchSize: 2,
      });
      consumers.push(consumer);
      consumer.subscribe('lanes');
      consumer.onMessage(([message]) => {
        seen.push(`${name} ${message?.body.toString()}`);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
      await consumer.start();
      return consumer;
    };
    const first = await start('b');
    for (const body of ['1', '2']) await producer.send({ topic: 'lanes', body: Buffer.from(body) });
    await eventually(() => seen.length === 2);
    // It sorts before the other, so the only queue is to be its; it waits until the calls of the other have ended.
    const second = await start('a');
    await eventually(() => first.assignment().length === 0);
    expect(second.assignment().filter(({ topic }) => topic === 'lanes')).toEqual([]);
    await producer.send({ topic: 'lanes', body: Buffer.from('3') });
    expect(seen).toEqual(['b 1', 'b 2']);
    for (const end of ends.splice(0)) end();
    await eventually(() => seen.length === 3);
    expect(seen[2]).toBe('a 3');
    for (const end of ends.splice(0)) end();
  });

  async function ordered(
    topic: string,
    onMessage: (message: MessageExt) => ConsumeOrderlyStatus | void,
    options: Partial<ConstructorParameters<typeof DefaultMQPushConsumer>[0]> = {},
  ): Promise<DefaultMQPushConsumer> {
    const consumer = new DefaultMQPushConsumer({
      group: `${topic}-group`,
      nameServer: cluster.nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      suspendCurrentQueueTimeMillis: 10,
      ...options,
    });
    consumers.push(consumer);
    consumer.subscribe(topic);
    consumer.onMessageOrderly(([message]) => (message ? onMessage(message) : undefined));
    await consumer.start();
    return consumer;
  }

  const queueOf = (topic: string, queueId = 0) => ({ topic, brokerName: 'broker-a', queueId });
  const send = async (topic: string, bodies: readonly string[], queueId = 0) => {
    for (const body of bodies)
      await producer.send({ topic, body: Buffer.from(body) }, { queue: queueOf(topic, queueId) });
  };
  const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `m${from + i}`);

  it('by key, go to one queue and are consumed in the order they were sent', async () => {
    await admin.createTopic({ topic: 'keys', queueNums: 4 });
    const got = new Map<string, string[]>();
    const queues = new Map<string, number>();
    await ordered('keys', (message) => {
      const [key = ''] = message.keys;
      got.set(key, [...(got.get(key) ?? []), message.body.toString()]);
      queues.set(key, message.queueId);
    });
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const body of numbered(0, 20)) {
      for (const key of keys) {
        await producer.send(
          { topic: 'keys', keys: [key], body: Buffer.from(body) },
          { selector: hashSelector, arg: key },
        );
      }
    }
    await eventually(() => keys.every((key) => got.get(key)?.length === 20));
    for (const key of keys) expect(got.get(key)).toEqual(numbered(0, 20));
    // Java's hash codes of one-letter keys: 97, 98, ...
    expect(keys.map((key) => queues.get(key))).toEqual([1, 2, 3, 0, 1]);
  });

  it('by a selector of the application, go where it says', async () => {
    await admin.createTopic({ topic: 'selected', queueNums: 4 });
    const sent = await producer.send(
      { topic: 'selected', body: Buffer.from('x') },
      { selector: (queues, _message, arg) => queues[Number(arg)] ?? queueOf('selected'), arg: 3 },
    );
    expect(sent.messageQueue).toEqual(queueOf('selected', 3));
  });

  it('keep their order when one fails, and when it becomes a dead letter', async () => {
    await admin.createTopic({ topic: 'failing', queueNums: 1 });
    const got: string[] = [];
    await ordered(
      'failing',
      (message) => {
        const body = message.body.toString();
        got.push(`${body}/${message.reconsumeTimes}`);
        return body === 'm1' ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS';
      },
      { maxReconsumeTimes: 2 },
    );
    await send('failing', numbered(0, 3));
    await eventually(() => got.length === 5);
    expect(got).toEqual(['m0/0', 'm1/0', 'm1/1', 'm1/2', 'm2/0']);
    const dead = await cluster.consumer({ '%DLQ%failing-group': '*' }, { group: 'dead' });
    await dead.count(1);
    expect(dead.bodies).toEqual(['m1']);
    expect(dead.messages[0]?.properties.get('RETRY_TOPIC')).toBe('failing');
  });

  it('are given on without a gap, a repetition or a change of order when members come and go', async () => {
    await admin.createTopic({ topic: 'moving', queueNums: 4 });
    const got: string[][] = [[], [], [], []];
    const take = (message: MessageExt): void => {
      got[message.queueId]?.push(message.body.toString());
    };
    const first = await ordered('moving', take);
    let sent = 0;
    const more = async (): Promise<void> => {
      for (let queueId = 0; queueId < 4; queueId++) await send('moving', [`m${sent}`], queueId);
      sent++;
    };
    const shares = (consumer: DefaultMQPushConsumer): number =>
      consumer.assignment().filter(({ topic }) => topic === 'moving').length;
    while (sent < 10) await more();
    const second = await ordered('moving', take);
    await eventually(async () => {
      await more();
      return shares(first) === 2 && shares(second) === 2;
    });
    await first.shutdown();
    await eventually(async () => {
      await more();
      return shares(second) === 4;
    });
    await eventually(() => got.every((bodies) => bodies.length >= sent));
    for (const bodies of got) expect(bodies).toEqual(numbered(0, sent));
  });

  it('case 34: lock queue, client dies, 60 s: another client can lock', async () => {
    await admin.createTopic({ topic: 'orphan', queueNums: 1 });
    await send('orphan', numbered(0, 6));
    let client = new RemotingClient();
    const ask = (code: number, fields: Record<string, string>, body?: Buffer): Promise<RemotingCommand> =>
      client.invoke(
        brokerAddress,
        RemotingCommand.request(code, new Map(Object.entries(fields)), body),
        5000,
      );
    const lock = async (clientId: string): Promise<number> => {
      const body = LockBatchRequestBody.encode({
        consumerGroup: 'orphan-group',
        clientId,
        onlyThisBroker: false,
        mqSet: [queueOf('orphan')],
      });
      const answer = await ask(RequestCode.LOCK_BATCH_MQ, {}, body);
      return LockBatchResponseBody.decode(answer.body).lockOKMQSet.length;
    };
    await ask(
      RequestCode.HEART_BEAT,
      {},
      HeartbeatData.encode({
        clientID: '0@dying',
        producerDataSet: [],
        consumerDataSet: [
          {
            groupName: 'orphan-group',
            consumeType: 'CONSUME_PASSIVELY',
            messageModel: 'CLUSTERING',
            consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
            subscriptionDataSet: [],
            unitMode: false,
          },
        ],
        heartbeatFingerprint: 0,
        withoutSub: false,
      }),
    );
    expect(await lock('0@dying')).toBe(1);
    // In the middle of the queue: two are done, the third one was begun with.
    const offset = { consumerGroup: 'orphan-group', topic: 'orphan', queueId: '0', commitOffset: '2' };
    await ask(RequestCode.UPDATE_CONSUMER_OFFSET, offset);
    await client.close();

    const got: string[] = [];
    const heir = await ordered('orphan', (message) => void got.push(message.body.toString()));
    // The queue is its share, but the lock is not its yet.
    await eventually(async () => (await admin.consumerConnection('orphan-group')).connectionSet.length === 1);
    clock.advance(59_000);
    client = new RemotingClient();
    expect(await lock('1@other')).toBe(0);
    await client.close();
    expect(heir.assignment().filter(({ topic }) => topic === 'orphan')).toEqual([]);
    expect(got).toEqual([]);
    clock.advance(2000);
    await eventually(() => got.length === 4);
    expect(got).toEqual(numbered(2, 6));
  });
});
