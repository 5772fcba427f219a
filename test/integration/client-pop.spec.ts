import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DefaultMQPushConsumer,
  type DefaultMQProducer,
  type MessageExt,
  type MQAdmin,
} from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

const POP = { clientRebalance: false, popInvisibleTime: 5000 };

describe('a push consumer whose group pops', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;

  beforeAll(async () => {
    cluster = await ClientCluster.start(['broker-a', 'broker-b']);
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterAll(() => cluster.remove());

  async function popping(topic: string, group = topic): Promise<void> {
    await admin.createTopic({ topic, queueNums: 2 });
    await admin.createSubscriptionGroup(group);
    await admin.setMessageRequestMode(topic, group, 'POP');
  }

  async function send(topic: string, count: number): Promise<string[]> {
    const bodies = Array.from({ length: count }, (_, i) => `m${i}`);
    for (const body of bodies) await producer.send({ topic, tags: 'a', body: Buffer.from(body) });
    return bodies.toSorted();
  }

  it('shares every queue of every broker, each message once', async () => {
    await popping('shared');
    const first = await cluster.consumer({ shared: 'a' }, { ...POP, group: 'shared', instanceName: '1' });
    const second = await cluster.consumer({ shared: 'a' }, { ...POP, group: 'shared', instanceName: '2' });
    for (const { consumer } of [first, second]) {
      expect(
        consumer
          .assignment()
          .filter(({ topic }) => topic === 'shared')
          .map(({ brokerName, queueId }) => `${brokerName} ${queueId}`)
          .toSorted(),
      ).toEqual(['broker-a -1', 'broker-b -1']);
    }
    const sent = await send('shared', 100);
    await eventually(() => first.messages.length + second.messages.length >= sent.length);
    expect([...first.bodies, ...second.bodies].toSorted()).toEqual(sent);
  });

  it('gets what it failed with again, after the delay it asked for', async () => {
    await popping('failing');
    const tries: MessageExt[] = [];
    const consumer = new DefaultMQPushConsumer({ ...POP, group: 'failing', nameServer: cluster.nameServer });
    consumer.subscribe('failing', '*');
    consumer.onMessage((messages, context) => {
      tries.push(...messages);
      context.delayLevelWhenNextConsume = 1;
      return messages[0]?.reconsumeTimes === 0 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
    });
    await consumer.start();
    await send('failing', 1);
    await eventually(() => tries.length >= 2);
    await consumer.shutdown();
    expect(tries.map(({ topic, reconsumeTimes }) => `${topic} ${reconsumeTimes}`)).toEqual([
      'failing 0',
      'failing 1',
    ]);
    expect(tries[1]?.msgId).toBe(tries[0]?.msgId);
  });

  it('puts what it rejects, or failed with too often, to the dead letters', async () => {
    await popping('hopeless');
    const options = { ...POP, group: 'hopeless', maxReconsumeTimes: 0 };
    const collector = await cluster.consumer({ hopeless: '*' }, options, () => {
      throw new Error('never');
    });
    await send('hopeless', 1);
    await eventually(async () => (await admin.topicList()).includes('%DLQ%hopeless'));
    const queues = await admin.topicQueues('%DLQ%hopeless');
    await eventually(async () => {
      const ends = await Promise.all(queues.map((queue) => admin.maxOffset(queue)));
      return ends.reduce((sum, end) => sum + end, 0) === 1;
    });
    expect(collector.messages).toEqual([]);
  });

  it('goes over to popping and back while it runs, and misses nothing', async () => {
    await admin.createTopic({ topic: 'switched', queueNums: 2 });
    const collector = await cluster.consumer({ switched: '*' }, { ...POP, group: 'switched' });
    const queues = (): string =>
      collector.consumer
        .assignment()
        .filter(({ topic }) => topic === 'switched')
        .map(({ queueId }) => String(queueId))
        .toSorted()
        .join();
    expect(queues()).toBe('0,0,1,1');
    await send('switched', 10);
    await collector.count(10);
    await admin.setMessageRequestMode('switched', 'switched', 'POP');
    // What makes it share its queues anew, as the passing of 20 seconds would.
    collector.consumer.resume();
    await eventually(() => queues() === '-1,-1');
    await send('switched', 10);
    await collector.count(20);
    await admin.setMessageRequestMode('switched', 'switched', 'PULL');
    collector.consumer.resume();
    await eventually(() => queues() === '0,0,1,1');
    await send('switched', 10);
    await collector.count(30);
    expect(collector.messages).toHaveLength(30);
  });

  it('pulls what was popped and not consumed when its group goes over to pulling', async () => {
    await popping('left');
    const options = { ...POP, group: 'left' };
    let begun = false;
    // Popped by somebody who is gone.
    const gone = await cluster.consumer({ left: '*' }, { ...options, instanceName: 'gone' }, () => {
      begun = true;
      return new Promise<void>(() => undefined);
    });
    const [body] = await send('left', 1);
    await eventually(() => begun);
    await gone.consumer.shutdown({ drainMs: 0 });
    await eventually(async () => (await admin.topicList()).includes('%RETRY%left_left'));
    await admin.setMessageRequestMode('left', 'left', 'PULL');
    const collector = await cluster.consumer({ left: '*' }, options);
    await collector.count(1);
    expect(collector.messages.map(({ topic, reconsumeTimes }) => `${topic} ${reconsumeTimes}`)).toEqual([
      'left 1',
    ]);
    expect(collector.bodies).toEqual([body]);
  }, 30_000);
});
