import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  averagelyByCircle,
  type DefaultMQProducer,
  type MQAdmin,
  type MessageQueue,
} from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

const names = (queues: readonly MessageQueue[], topic: string): string[] =>
  queues.filter((queue) => queue.topic === topic).map((queue) => `${queue.brokerName}:${queue.queueId}`);

describe('consumers of a group', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;

  beforeAll(async () => {
    cluster = await ClientCluster.start(['broker-a', 'broker-b']);
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterAll(() => cluster.remove());

  const send = (topic: string, count: number, prefix = 'm') =>
    Promise.all(
      Array.from({ length: count }, (_, i) => producer.send({ topic, body: Buffer.from(`${prefix}${i}`) })),
    );

  it('share the queues of all brokers, take over from one that leaves, and get each message once', async () => {
    await admin.createTopic({ topic: 'shared', queueNums: 3 });
    const one = await cluster.consumer({ shared: '*' }, { group: 'sharers' });
    await eventually(() => names(one.consumer.assignment(), 'shared').length === 6);
    const two = await cluster.consumer({ shared: '*' }, { group: 'sharers' });
    await eventually(
      () =>
        names(one.consumer.assignment(), 'shared').length === 3 &&
        names(two.consumer.assignment(), 'shared').length === 3,
    );
    const all = [
      ...names(one.consumer.assignment(), 'shared'),
      ...names(two.consumer.assignment(), 'shared'),
    ];
    expect(new Set(all).size).toBe(6);

    await send('shared', 60);
    await eventually(() => one.messages.length + two.messages.length >= 60);
    expect(one.messages.length).toBe(30);
    expect(two.messages.length).toBe(30);
    expect(new Set([...one.bodies, ...two.bodies]).size).toBe(60);

    await two.consumer.shutdown();
    await eventually(() => names(one.consumer.assignment(), 'shared').length === 6);
    await send('shared', 60, 'later');
    await one.until((messages) => messages.length >= 90);
    expect(one.messages).toHaveLength(90);
    await one.consumer.shutdown();
  });

  it('share by another strategy when all have it', async () => {
    await admin.createTopic({ topic: 'circle', queueNums: 2 });
    const options = { group: 'circlers', allocateStrategy: averagelyByCircle };
    const one = await cluster.consumer({ circle: '*' }, options);
    const two = await cluster.consumer({ circle: '*' }, options);
    await eventually(
      () =>
        names(one.consumer.assignment(), 'circle').length === 2 &&
        names(two.consumer.assignment(), 'circle').length === 2,
    );
    const ids = (queues: MessageQueue[]) =>
      new Set(queues.filter((q) => q.topic === 'circle').map((q) => q.queueId));
    expect(ids(one.consumer.assignment()).size).toBe(1);
    expect(ids(two.consumer.assignment()).size).toBe(1);
    await Promise.all([one.consumer.shutdown(), two.consumer.shutdown()]);
  });

  it('each get all messages when broadcasting, and go on where they stopped', async () => {
    await admin.createTopic({ topic: 'news', queueNums: 2 });
    const options = (instanceName: string) => ({
      group: 'readers',
      messageModel: 'BROADCASTING' as const,
      instanceName,
      localOffsetStoreDir: join(cluster.directory, 'offsets'),
    });
    const one = await cluster.consumer({ news: '*' }, options('one'));
    const two = await cluster.consumer({ news: '*' }, options('two'));
    await send('news', 10);
    await Promise.all([one.count(10), two.count(10)]);
    await one.consumer.shutdown();

    const file = join(cluster.directory, 'offsets', String(one.consumer.clientId), 'readers', 'offsets.json');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('"topic":"news"');

    await send('news', 10, 'second');
    await two.count(20);
    const again = await cluster.consumer({ news: '*' }, options('one'));
    await again.count(10);
    expect(again.bodies.every((body) => body.startsWith('second'))).toBe(true);
    await Promise.all([two.consumer.shutdown(), again.consumer.shutdown()]);
  });

  it('begin a topic that was made anew where its broker says, whatever their own offsets were', async () => {
    const options = {
      group: 'anew',
      messageModel: 'BROADCASTING' as const,
      instanceName: 'one',
      localOffsetStoreDir: join(cluster.directory, 'offsets'),
    };
    await admin.createTopic({ topic: 'anew', queueNums: 1 });
    const before = await cluster.consumer({ anew: '*' }, options);
    await send('anew', 4);
    await before.count(4);
    await before.consumer.shutdown();
    await admin.deleteTopic('anew');
    await admin.createTopic({ topic: 'anew', queueNums: 1 });

    // Its offsets are 2. In an empty queue that is moved to 0; had a message come before, it would be moved behind it.
    const empty = await cluster.consumer({ anew: '*' }, options);
    const file = join(cluster.directory, 'offsets', String(empty.consumer.clientId), 'anew', 'offsets.json');
    await eventually(() => /:0[,}].*:0\}/.test(readFileSync(file, 'utf8')));
    await send('anew', 2, 'second');
    await empty.count(2);
    expect(empty.bodies.toSorted()).toEqual(['second0', 'second1']);
    await empty.consumer.shutdown();
  });

  it('go on where the group stopped', async () => {
    await admin.createTopic({ topic: 'resumed', queueNums: 4 });
    const one = await cluster.consumer({ resumed: '*' }, { group: 'resumers' });
    await send('resumed', 40);
    await one.count(40);
    await one.consumer.shutdown();
    const stats = await admin.consumeStats('resumers', 'resumed');
    expect(stats.reduce((sum, { value }) => sum + value.consumerOffset, 0)).toBe(40);
    expect(stats.every(({ value }) => value.consumerOffset === value.brokerOffset)).toBe(true);

    await send('resumed', 8, 'second');
    const two = await cluster.consumer({ resumed: '*' }, { group: 'resumers' });
    await two.count(8);
    expect(two.bodies.every((body) => body.startsWith('second'))).toBe(true);
    await two.consumer.shutdown();
  });

  it('can be suspended and resumed, and change their subscription', async () => {
    await admin.createTopic({ topic: 'paused', queueNums: 1 });
    await admin.createTopic({ topic: 'added', queueNums: 1 });
    const one = await cluster.consumer({ paused: '*' }, { group: 'pausers' });
    await send('paused', 1);
    await one.count(1);
    one.consumer.suspend();
    expect(one.consumer.suspended).toBe(true);
    one.consumer.resume();
    await send('paused', 3);
    await one.count(4);
    one.consumer.subscribe('added', '*');
    await send('added', 2);
    await one.until((messages) => messages.filter((message) => message.topic === 'added').length === 2);
    one.consumer.unsubscribe('paused');
    await eventually(() => names(one.consumer.assignment(), 'paused').length === 0);
    await one.consumer.shutdown();
  });

  it('begin with a new topic at its end, at its beginning, or at a time, as they say', async () => {
    await admin.createTopic({ topic: 'old', queueNums: 1 });
    await send('old', 5, 'before');
    const queue = { topic: 'old', brokerName: 'broker-a', queueId: 0 };
    const first = await cluster.consumer(
      { old: '*' },
      { group: 'from-first', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
    );
    await first.count(5);
    const future = await cluster.consumer(
      { old: '*' },
      { group: 'from-time', consumeFromWhere: 'CONSUME_FROM_TIMESTAMP', consumeTimestamp: 0 },
    );
    await future.count(5);
    expect(await admin.maxOffset(queue)).toBeGreaterThan(0);
    await Promise.all([first.consumer.shutdown(), future.consumer.shutdown()]);
  });

  it('go on elsewhere when their offsets are reset while they are away', async () => {
    await admin.createTopic({ topic: 'reset', queueNums: 1 });
    await send('reset', 5);
    const one = await cluster.consumer({ reset: '*' }, { group: 'resetters' });
    await one.until((messages) => messages.length === 5);
    await one.consumer.shutdown();
    const queue = { topic: 'reset', brokerName: 'broker-a', queueId: 0 };
    const known = await Promise.all([admin.maxOffset(queue), admin.consumerOffset('resetters', queue)]);
    expect(known[0]).toBe(known[1]);
    await admin.resetOffset('resetters', 'reset', 0);
    expect(await admin.consumerOffset('resetters', queue)).toBe(0);
    const two = await cluster.consumer({ reset: '*' }, { group: 'resetters' });
    await two.count(5);
    expect(two.bodies.toSorted()).toEqual(one.bodies.toSorted());
    await two.consumer.shutdown();
  });
});
