import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessageSelector, type DefaultMQProducer } from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

const TOPIC = 'filtered';

describe('a consumer that filters by SQL92', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;

  beforeAll(async () => {
    cluster = await ClientCluster.start([]);
    await cluster.startBroker('broker-a', { enablePropertyFilter: true });
    producer = await cluster.producer();
    await (await cluster.admin()).createTopic({ topic: TOPIC, queueNums: 2 });
  });

  afterAll(() => cluster.remove());

  const send = async (from: number, to: number, queueId?: number): Promise<void> => {
    const queue = queueId === undefined ? {} : { queue: { topic: TOPIC, brokerName: 'broker-a', queueId } };
    for (let n = from; n < to; n++) {
      const properties = { n: String(n) };
      await producer.send({ topic: TOPIC, body: Buffer.from(`m${n}`), properties }, queue);
    }
  };

  it('gets what matches: what is there, what comes, and what failed again', async () => {
    await send(0, 20);
    const failed = new Set<string>();
    const one = await cluster.consumer(
      { [TOPIC]: MessageSelector.bySql('n BETWEEN 15 AND 24 AND n <> 17') },
      { group: 'between' },
      (message) => {
        const body = message.body.toString();
        if (message.properties.get('n') !== '18' || failed.has(body)) return;
        failed.add(body);
        throw new Error('the first time');
      },
    );
    await one.until((messages) => messages.length >= 3);
    await send(20, 30);
    await one.until((messages) => messages.length >= 9);
    expect(one.bodies.toSorted()).toEqual([15, 16, 18, 19, 20, 21, 22, 23, 24].map((n) => `m${n}`));
    expect(failed).toEqual(new Set(['m18']));
    await one.consumer.shutdown();
  });

  it('goes on with another expression once it has subscribed anew', async () => {
    const one = await cluster.consumer({ [TOPIC]: MessageSelector.bySql('n = 100') }, { group: 'changing' });
    await eventually(() => one.consumer.assignment().filter(({ topic }) => topic === TOPIC).length === 2);
    await send(100, 103);
    await one.until((messages) => messages.length >= 1);
    one.consumer.subscribe(TOPIC, MessageSelector.bySql("n IS NOT NULL AND kind = 'new'"));
    // The pulls under way still filter by the old expression, and are woken by what matches it.
    await send(100, 101, 0);
    await send(100, 101, 1);
    await producer.send({ topic: TOPIC, body: Buffer.from('last'), properties: { n: '7', kind: 'new' } });
    await one.until((messages) => messages.some(({ body }) => body.toString() === 'last'));
    expect(one.bodies.filter((body) => body !== 'm100')).toEqual(['last']);
    await one.consumer.shutdown();
  });

  it('does not start with an expression that the broker can not parse, nor where it does not filter', async () => {
    const start = (): Promise<unknown> =>
      cluster.consumer({ [TOPIC]: MessageSelector.bySql('n > ') }, { group: 'wrong' });
    await expect(start()).rejects.toMatchObject({ responseCode: 23 });
    await cluster.stopBroker('broker-a');
    await cluster.startBroker('broker-a', { enablePropertyFilter: false });
    await expect(start()).rejects.toMatchObject({
      responseCode: 1,
      remark: 'The broker does not support consumer to filter message by SQL92',
    });
  });
});
