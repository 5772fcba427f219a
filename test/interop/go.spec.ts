import { beforeAll, expect, it } from '@jest/globals';
import { DefaultMQProducer, MQAdmin } from '@nest-rocketmq/client';
import { numbered, QUEUES } from './cases/cluster.ts';
import { TRANSACTION_TIMES } from './cases/transactions.ts';
import { GoClient, whyNoGo } from './harness/go-client.ts';
import { OurConsumer } from './harness/our-consumer.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { PATIENT, PATIENT_SENDER } from './harness/patient.ts';
import { Resources } from './harness/resources.ts';
import { peerSuite } from './harness/suite.ts';
import { until } from './harness/until.ts';

peerSuite("Apache's Go client on our NameServer and broker", whyNoGo(), () => {
  const resources = new Resources();
  let nameServer: string;
  let go: GoClient;
  let admin: MQAdmin;
  let producer: DefaultMQProducer;
  let topics = 0;

  beforeAll(async () => {
    const server = resources.add(await ourNameServer(), (it) => it.stop());
    nameServer = server.address;
    // Its producer may be there to be asked only after a while.
    const config = { ...TRANSACTION_TIMES, transactionCheckMax: 100, enablePropertyFilter: true };
    resources.add(await ourBroker(nameServer, resources.directory('store'), config), (it) => it.stop());
    go = resources.add(new GoClient(), (it) => it.close());
    admin = resources.add(new MQAdmin({ nameServer, ...PATIENT }), (it) => it.shutdown());
    await admin.start();
    producer = resources.add(
      new DefaultMQProducer({ group: 'beside-go', nameServer, ...PATIENT_SENDER }),
      (it) => it.shutdown(),
    );
    await producer.start();
  });

  /** Waits until the NameServer knows a topic: the Go client looks for those it knows no route of every half a minute. */
  function hasRoute(topic: string): Promise<boolean> {
    return until(`${topic} has a route`, async () => (await admin.topicQueues(topic)).length > 0);
  }

  async function topicOf(name: string): Promise<string> {
    const topic = `go-${name}-${++topics}`;
    await until('the topic', async () => {
      await admin.createTopic({ topic, readQueueNums: QUEUES, writeQueueNums: QUEUES });
      return true;
    });
    await hasRoute(topic);
    return topic;
  }

  async function sendOurs(topic: string, bodies: string[]): Promise<void> {
    for (const body of bodies) await producer.send({ topic, body: Buffer.from(body) });
  }

  it('sends what both understand, field by field', async () => {
    const topic = await topicOf('fields');
    const theirs = await go.consumer({ nameServer, group: `${topic}-theirs`, topic });
    const ours = await OurConsumer.start({ nameServer, group: `${topic}-ours`, topic });
    const body = '订单 😀';
    const [sent] = await go.send(nameServer, [
      { topic, body, tags: 'created', keys: ['k1', 'k2'], properties: { who: '订单😀' } },
    ]);
    expect(sent).toMatchObject({ status: 'SEND_OK', queueOffset: 0 });
    const [seen] = await theirs.received(1);
    expect(seen).toMatchObject({
      body,
      tags: 'created',
      keys: 'k1 k2',
      queueId: sent?.queueId,
      queueOffset: 0,
    });
    expect(seen?.properties).toMatchObject({ who: '订单😀', UNIQ_KEY: sent?.msgId });
    const [message] = await ours.received(1);
    expect(message).toMatchObject({ tags: 'created', keys: ['k1', 'k2'], msgId: sent?.msgId });
    expect(message?.body.toString()).toBe(body);
    expect(message?.properties.get('who')).toBe('订单😀');
    await Promise.all([theirs.stop(), ours.stop()]);
  });

  it('consumes what our producer sends: single, compressed and in a batch', async () => {
    const topic = await topicOf('consumes');
    const theirs = await go.consumer({ nameServer, group: `${topic}-theirs`, topic });
    const long = 'long '.repeat(5_000);
    await sendOurs(topic, ['one', long]);
    await producer.sendBatch(numbered(5).map((body) => ({ topic, body: Buffer.from(body) })));
    await theirs.received(7);
    expect(theirs.bodies).toEqual([long, 'm0', 'm1', 'm2', 'm3', 'm4', 'one'].toSorted());
    await theirs.stop();
  });

  it('sends batches', async () => {
    const topic = await topicOf('batch');
    const ours = await OurConsumer.start({ nameServer, group: `${topic}-ours`, topic });
    const bodies = numbered(20);
    await go.send(
      nameServer,
      bodies.map((body) => ({ topic, body, tags: 'batched' })),
      { batch: true },
    );
    await ours.received(20);
    expect(ours.bodies).toEqual(bodies.toSorted());
    await ours.stop();
  });

  it('consumes by tags and by SQL92', async () => {
    const topic = await topicOf('filters');
    const tags = await go.consumer({ nameServer, group: `${topic}-tags`, topic, expression: 'a || c' });
    const sql = await go.consumer({
      nameServer,
      group: `${topic}-sql`,
      topic,
      expression: "n BETWEEN 2 AND 4 AND TAGS <> 'b'",
      sql: true,
    });
    await go.send(
      nameServer,
      ['a', 'b', 'c', 'd', 'b', 'a'].map((tag, n) => ({
        topic,
        body: `${tag}${n}`,
        tags: tag,
        properties: { n: `${n}` },
      })),
    );
    await tags.received(3);
    await sql.received(2);
    expect(tags.bodies).toEqual(['a0', 'a5', 'c2']);
    expect(sql.bodies).toEqual(['c2', 'd3']);
    await Promise.all([tags.stop(), sql.stop()]);
  });

  it('keeps the order within a sharding key', async () => {
    const topic = await topicOf('ordered');
    const theirs = await go.consumer({ nameServer, group: `${topic}-theirs`, topic, orderly: true });
    const messages = numbered(30).map((body, i) => ({ topic, body, shardingKey: `key-${i % 3}` }));
    const sent = await go.send(nameServer, messages, { byKey: true });
    for (const key of [0, 1, 2]) {
      const queues = sent.filter((_, i) => i % 3 === key).map((result) => result.queueId);
      expect(new Set(queues).size).toBe(1);
    }
    await theirs.received(30);
    for (const queueId of new Set(theirs.seen.map((message) => message.queueId))) {
      const offsets = theirs.seen
        .filter((message) => message.queueId === queueId)
        .map((message) => message.queueOffset);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
    await theirs.stop();
  });

  it('gets a failed message again', async () => {
    const topic = await topicOf('retry');
    // The group's retry topic, too, is made before.
    await (await OurConsumer.start({ nameServer, group: `${topic}-theirs`, topic })).stop();
    await hasRoute(`%RETRY%${topic}-theirs`);
    const theirs = await go.consumer({ nameServer, group: `${topic}-theirs`, topic, failures: 1 });
    await sendOurs(topic, ['again']);
    await theirs.received(2);
    expect(theirs.seen.map((message) => [message.body, message.reconsumeTimes])).toEqual([
      ['again', 0],
      ['again', 1],
    ]);
    await theirs.stop();
  });

  it('sends delayed messages', async () => {
    const topic = await topicOf('delayed');
    const ours = await OurConsumer.start({ nameServer, group: `${topic}-ours`, topic });
    await go.send(nameServer, [{ topic, body: 'later', delayLevel: 1 }]);
    const [message] = await ours.received(1);
    expect((message?.storeTimestamp ?? 0) - (message?.bornTimestamp ?? 0)).toBeGreaterThanOrEqual(990);
    await ours.stop();
  });

  it('ends transactions, at once and when asked', async () => {
    const topic = await topicOf('transactions');
    const ours = await OurConsumer.start({ nameServer, group: `${topic}-ours`, topic });
    const outcome = (first: string, checked: string) => ({
      topic,
      body: `${first}, ${checked}`,
      properties: { first, checked },
    });
    await go.transaction(
      nameServer,
      `${topic}-producer`,
      [
        outcome('commit', 'rollback'),
        outcome('rollback', 'commit'),
        outcome('unknown', 'commit'),
        outcome('unknown', 'rollback'),
      ],
      30_000,
    );
    await ours.received(2);
    expect(ours.bodies).toEqual(['commit, rollback', 'unknown, commit']);
    await ours.stop();
  });

  it('shares the queues of a group with our consumer', async () => {
    const topic = await topicOf('shared');
    const group = `${topic}-group`;
    const theirs = await go.consumer({ nameServer, group, topic });
    const ours = await OurConsumer.start({ nameServer, group, topic });
    await until('each has half of the queues', () => ours.queues === QUEUES / 2);
    const bodies = numbered(40);
    await sendOurs(topic, bodies);
    await until('all came', () => new Set([...theirs.bodies, ...ours.bodies]).size === bodies.length);
    expect(ours.messages.length).toBeGreaterThan(0);
    expect(theirs.seen.length).toBeGreaterThan(0);
    await Promise.all([theirs.stop(), ours.stop()]);
  });
});
