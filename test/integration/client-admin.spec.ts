import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('MQAdmin', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;

  beforeAll(async () => {
    cluster = await ClientCluster.start(['broker-a', 'broker-b']);
    producer = await cluster.producer();
    admin = await cluster.admin();
  });

  afterAll(() => cluster.remove());

  it('shows the cluster', async () => {
    const { brokerAddrTable, clusterAddrTable } = await admin.clusterInfo();
    expect([...brokerAddrTable.keys()].toSorted()).toEqual(['broker-a', 'broker-b']);
    expect(clusterAddrTable.get('DefaultCluster')?.toSorted()).toEqual(['broker-a', 'broker-b']);
    const address = brokerAddrTable.get('broker-a')?.brokerAddrs.get(0) ?? '';
    expect((await admin.brokerRuntimeInfo(address)).get('brokerVersionDesc')).toBeDefined();
  });

  it('creates a topic on all masters or on one, changes it and deletes it', async () => {
    await admin.createTopic({ topic: 'created', queueNums: 2 });
    expect(await admin.topicList()).toContain('created');
    const route = await admin.topicRoute('created');
    expect(
      route.queueDatas.map((one) => `${one.brokerName} ${one.readQueueNums} ${one.perm}`).toSorted(),
    ).toEqual(['broker-a 2 6', 'broker-b 2 6']);
    const broker = route.brokerDatas.find((one) => one.brokerName === 'broker-b')?.brokerAddrs.get(0) ?? '';
    await admin.createTopic({ topic: 'only-b', queueNums: 3, perm: 4 }, { broker });
    expect((await admin.topicQueues('only-b')).map((queue) => queue.brokerName)).toEqual(
      Array(3).fill('broker-b'),
    );
    expect(await admin.topicConfig('only-b', broker)).toMatchObject({ readQueueNums: 3, perm: 4 });
    await expect(producer.send({ topic: 'only-b', body: Buffer.from('x') })).rejects.toMatchObject({
      code: 'NO_BROKER',
    });

    await admin.deleteTopic('created');
    await expect(admin.topicRoute('created')).rejects.toMatchObject({ code: 'NO_ROUTE' });
    await expect(admin.createTopic('../x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(admin.createTopic('t', { cluster: 'none' })).rejects.toThrow(
      'knows the cluster none with a master',
    );
  });

  it('shows how far queues reach and finds messages by id, key and time', async () => {
    await admin.createTopic({ topic: 'found', queueNums: 1 });
    const queue = { topic: 'found', brokerName: 'broker-a', queueId: 0 };
    const send = (key: string) =>
      producer.send({ topic: 'found', keys: key, body: Buffer.from(key) }, { queue });
    const first = await send('k1');
    const second = await send('k2');
    expect([await admin.minOffset(queue), await admin.maxOffset(queue)]).toEqual([0, 2]);
    expect(
      (await admin.topicStats('found')).find((one) => one.queue.brokerName === 'broker-a')?.value,
    ).toMatchObject({
      minOffset: 0,
      maxOffset: 2,
    });
    const stored = await admin.earliestMsgStoreTime(queue);
    expect(stored).toBeGreaterThan(Date.now() - 60_000);
    expect(await admin.searchOffset(queue, stored - 1000)).toBe(0);
    expect(await admin.searchOffset(queue, Date.now() + 60_000)).toBe(2);

    const byOffsetId = await admin.viewMessage('found', first.offsetMsgId);
    expect(byOffsetId).toMatchObject({
      topic: 'found',
      msgId: first.msgId,
      queueOffset: 0,
      brokerName: 'broker-a',
    });
    // The index is built a moment after the message is stored.
    await eventually(async () => (await admin.queryMessage('found', 'k2')).length === 1);
    expect((await admin.viewMessage('found', second.msgId)).body.toString()).toBe('k2');
    expect(await admin.queryMessage('found', 'nothing')).toEqual([]);
    await expect(admin.viewMessage('found', first.msgId.replace(/.$/, 'x'))).rejects.toMatchObject({
      responseCode: 22,
    });
  });

  it('looks after groups and their offsets', async () => {
    await admin.createSubscriptionGroup({ groupName: 'made', retryMaxTimes: 3 });
    const groups = await admin.subscriptionGroups();
    expect(groups.find((group) => group.groupName === 'made')).toMatchObject({
      retryMaxTimes: 3,
      consumeEnable: true,
    });
    await admin.createTopic({ topic: 'lagging', queueNums: 1 });
    const queue = { topic: 'lagging', brokerName: 'broker-b', queueId: 0 };
    expect(await admin.consumerOffset('made', queue)).toBeUndefined();
    await producer.send({ topic: 'lagging', body: Buffer.from('x') }, { queue });
    await admin.updateConsumerOffset('made', queue, 1);
    expect(await admin.consumerOffset('made', queue)).toBe(1);

    const collector = await cluster.consumer({ lagging: '*' }, { group: 'made' });
    expect((await admin.consumerConnection('made')).connectionSet.map((one) => one.clientId)).toEqual([
      collector.consumer.clientId,
    ]);
    expect(await admin.topicConsumers('lagging')).toContain('made');
    await collector.consumer.shutdown();
    await expect(admin.consumerConnection('made')).rejects.toMatchObject({ responseCode: 206 });
    await eventually(
      async () => (await admin.producerConnection('producers', 'lagging')).connectionSet.length === 1,
    );

    await admin.deleteSubscriptionGroup('made', true);
    expect((await admin.subscriptionGroups()).some((group) => group.groupName === 'made')).toBe(false);
    expect(await admin.consumerOffset('made', queue)).toBeUndefined();
  });
});
