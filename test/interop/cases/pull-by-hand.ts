import { expect, it } from '@jest/globals';
import { DefaultMQPullConsumer, MQAdmin } from '@nest-rocketmq/client';
import type { JavaClient } from '../harness/java-client.ts';
import { PATIENT } from '../harness/patient.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

/** Queues that are read by hand, and messages that are given back. */
export function pullByHandCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('pulls what a Java producer sent, and gives a message back, to come again', async () => {
    const topic = await caseTopic(cluster(), java(), 'by-hand');
    const { nameServer, brokerName } = cluster();
    const sender = await java().producer(nameServer);
    for (const body of ['kept', 'returned']) await sender.send({ topic, body }, 1);
    const group = `${topic}-group`;
    const consumer = new DefaultMQPullConsumer({ group, nameServer, ...PATIENT });
    await consumer.start();
    const queue = { topic, brokerName, queueId: 1 };
    // Apache's broker builds its queues behind the answers.
    await until('both can be read', async () => (await consumer.maxOffset(queue)) === 2);
    expect(await consumer.minOffset(queue)).toBe(0);
    const { pullStatus, messages } = await consumer.pull(queue, '*', 0, 32);
    expect([pullStatus, ...messages.map(({ body }) => body.toString())]).toEqual([
      'FOUND',
      'kept',
      'returned',
    ]);
    const [, returned] = messages;
    const admin = new MQAdmin({ nameServer, ...PATIENT });
    await admin.start();
    await admin.createSubscriptionGroup(group);
    if (returned) await consumer.sendMessageBack(returned, 1);
    const retries = await until('the retry topic is there', async () => {
      const found = await consumer.fetchSubscribeMessageQueues(`%RETRY%${group}`).catch(() => []);
      return found[0];
    });
    const again = await consumer.pullBlockIfNotFound(retries, '*', 0, 32);
    expect(again.messages.map(({ body, reconsumeTimes }) => `${body.toString()} ${reconsumeTimes}`)).toEqual([
      'returned 1',
    ]);
    await Promise.all([consumer.shutdown(), admin.shutdown()]);
  });
}
