import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientCluster, eventually } from './client-cluster.ts';

describe('clients whose servers go away and come back', () => {
  let cluster: ClientCluster;

  beforeEach(async () => {
    cluster = await ClientCluster.start();
  });

  afterEach(() => cluster.remove());

  it('go on after a restart of the broker, with nothing lost and nothing again', async () => {
    const admin = await cluster.admin();
    await admin.createTopic({ topic: 'T', queueNums: 2 });
    const producer = await cluster.producer();
    const collector = await cluster.consumer({ T: '*' });
    for (let i = 0; i < 10; i++) await producer.send({ topic: 'T', body: Buffer.from(`before${i}`) });
    await collector.count(10);

    await cluster.stopBroker();
    await expect(
      producer.send({ topic: 'T', body: Buffer.from('nobody') }, { timeout: 500 }),
    ).rejects.toMatchObject({
      name: 'SendError',
    });
    await cluster.startBroker();

    await eventually(async () => {
      const result = await producer.send({ topic: 'T', body: Buffer.from('back') }).catch(() => undefined);
      return result?.sendStatus === 'SEND_OK';
    });
    for (let i = 0; i < 10; i++) await producer.send({ topic: 'T', body: Buffer.from(`after${i}`) });
    await collector.until(
      (messages) => messages.filter((m) => m.body.toString().startsWith('after')).length >= 10,
    );
    expect(collector.bodies.filter((body) => body === 'back')).toHaveLength(1);
    expect(collector.bodies.filter((body) => body.startsWith('before'))).toHaveLength(10);
    expect(collector.bodies.filter((body) => body.startsWith('after'))).toHaveLength(10);
    // The broker knows the consumer again, not only its connection.
    await eventually(async () => {
      const connection = await admin.consumerConnection('consumers').catch(() => undefined);
      return connection?.connectionSet.length === 1;
    });
  });

  it('work on without the NameServer, and find it again', async () => {
    const admin = await cluster.admin();
    await admin.createTopic({ topic: 'T', queueNums: 2 });
    const producer = await cluster.producer();
    const collector = await cluster.consumer({ T: '*' });
    await producer.send({ topic: 'T', body: Buffer.from('one') });
    await cluster.stopNameServer();
    await producer.send({ topic: 'T', body: Buffer.from('two') });
    await collector.count(2);
    await expect(producer.send({ topic: 'unknown', body: Buffer.from('x') })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining(cluster.nameServer),
    });
    await cluster.startNameServer();
    await producer.checkNameServer();
  });

  it('start before the servers are there, and begin when they come', async () => {
    const { nameServer } = cluster;
    await cluster.stopBroker();
    await cluster.stopNameServer();
    const producer = await cluster.producer();
    const collector = await cluster.consumer({ T: '*' });
    await expect(collector.consumer.checkNameServer(500)).rejects.toMatchObject({ address: nameServer });
    await cluster.startNameServer();
    await cluster.startBroker();
    await eventually(async () => {
      const result = await producer.send({ topic: 'T', body: Buffer.from('at last') }).catch(() => undefined);
      return result?.sendStatus === 'SEND_OK';
    });
    await collector.count(1, 40_000);
    expect(collector.bodies).toEqual(['at last']);
  }, 60_000);
});
