import { expect, it } from '@jest/globals';
import type { JavaClient } from '../harness/java-client.ts';
import { PATIENCE_MS, timed, TOLD_MS, until } from '../harness/until.ts';
import { caseTopic, groupConsumed, numbered, QUEUES, type Cluster } from './cluster.ts';

/**
 * What Apache's client must be able to do on a cluster, one test each. The same table runs on our servers and, as a
 * control of the table itself, on Apache's.
 */
export function javaClientCases(cluster: () => Cluster, client: () => JavaClient): void {
  const topic = (name: string) => caseTopic(cluster(), client(), name);
  const producer = () => client().producer(cluster().nameServer);

  it('every field of a message', async () => {
    const name = await topic('fields');
    const consumer = await client().consumer({
      group: `${name}-group`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    const sender = await producer();
    const body = Buffer.from([0, 1, 2, 127, 128, 255, ...Buffer.from('订单 😀')]);
    const sent = await sender.send(
      { topic: name, body, tags: 'created', keys: 'k1 k2', flag: 7, properties: { who: '订单😀' } },
      2,
    );
    expect(sent).toMatchObject({
      status: 'SEND_OK',
      queueOffset: 0,
      queue: { brokerName: cluster().brokerName, queueId: 2 },
    });
    const [message] = await consumer.received(1);
    expect(message).toMatchObject({
      topic: name,
      body,
      tags: 'created',
      keys: 'k1 k2',
      flag: 7,
      msgId: sent.msgId,
      brokerName: cluster().brokerName,
      queueId: 2,
      queueOffset: 0,
      sysFlag: 0,
      reconsumeTimes: 0,
      storeHost: cluster().brokerAddress,
      properties: { who: '订单😀', UNIQ_KEY: sent.msgId, MIN_OFFSET: '0', MAX_OFFSET: '1' },
    });
    expect(message?.bornHost).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(Math.abs((message?.storeTimestamp ?? 0) - Date.now())).toBeLessThan(30_000);
    await consumer.stop();
  });

  it('a consumer of some tags gets those only', async () => {
    const name = await topic('tags');
    const sender = await producer();
    for (const tags of ['a', 'b', 'c', 'd', 'AaAa', 'BBBB'])
      await sender.send({ topic: name, body: `of ${tags}`, tags });
    await sender.send({ topic: name, body: 'of none' });
    // AaAa and BBBB have one hash code: the broker lets both through, and the client takes out what it didn't ask for.
    const some = await client().consumer({
      group: `${name}-some`,
      topic: name,
      expression: 'a || c || AaAa',
      nameServer: cluster().nameServer,
    });
    const all = await client().consumer({
      group: `${name}-all`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    await all.received(7);
    await some.received(3);
    expect(some.bodies).toEqual(['of AaAa', 'of a', 'of c']);
    await Promise.all([some.stop(), all.stop()]);
  });

  it('a big body travels compressed', async () => {
    const name = await topic('compressed');
    const sender = await producer();
    const body = Buffer.alloc(200_000, 'compressible ');
    await sender.send({ topic: name, body });
    const consumer = await client().consumer({
      group: `${name}-group`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    const [message] = await consumer.received(1);
    expect(message?.body.equals(body)).toBe(true);
    expect(message?.storeSize).toBeLessThan(20_000);
    await consumer.stop();
  });

  it('a batch', async () => {
    const name = await topic('batch');
    const sender = await producer();
    const bodies = numbered(10);
    const sent = await sender.sendBatch(
      bodies.map((body) => ({ topic: name, body, tags: 'b', keys: `key-${body}` })),
    );
    expect(sent).toMatchObject({ status: 'SEND_OK', queueOffset: 0 });
    expect(sent.offsetMsgId.split(',')).toHaveLength(10);
    expect(sent.msgId.split(',')).toHaveLength(10);
    const consumer = await client().consumer({
      group: `${name}-group`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    const messages = await consumer.received(10);
    expect(consumer.bodies).toEqual(bodies.toSorted());
    const byOffset = messages.toSorted((a, b) => a.queueOffset - b.queueOffset);
    expect(byOffset.map((message) => message.queueOffset)).toEqual(bodies.map((_, i) => i));
    expect(byOffset.map((message) => message.msgId).join(',')).toBe(sent.msgId);
    expect(byOffset.map((message) => message.keys)).toEqual(bodies.map((body) => `key-${body}`));
    await consumer.stop();
  });

  it('one-way messages', async () => {
    const name = await topic('oneway');
    const sender = await producer();
    const bodies = numbered(20);
    for (const body of bodies) await sender.sendOneway({ topic: name, body });
    const consumer = await client().consumer({
      group: `${name}-group`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    await consumer.received(20);
    expect(consumer.bodies).toEqual(bodies.toSorted());
    await consumer.stop();
  });

  it('a topic that nobody created', async () => {
    const name = `auto-${client().version.replaceAll('.', '_')}`;
    const sender = await producer();
    expect(await sender.send({ topic: name, body: 'first' })).toMatchObject({ status: 'SEND_OK' });
    const messages = await until('the message can be read', async () => {
      const found = await client().read(cluster().nameServer, name);
      return found.length > 0 && found;
    });
    expect(messages.map((message) => message.body.toString())).toEqual(['first']);
  });

  it('a waiting consumer gets a message at once', async () => {
    const name = await topic('waiting');
    const consumer = await client().consumer({
      group: `${name}-group`,
      topic: name,
      nameServer: cluster().nameServer,
    });
    const sender = await producer();
    await sender.send({ topic: name, body: 'before' });
    await consumer.received(1);
    // It now asks anew and is held: 15 s, or 5 s until a broker looks by itself, were it not for the next message.
    const took: number[] = [];
    for (let i = 0; i < 3; i++) {
      const since = performance.now();
      await sender.send({ topic: name, body: `m${i}` }, 0);
      await consumer.received(2 + i);
      took.push(performance.now() - since);
    }
    // The first may come just before the broker looks, those after it then wait for the whole period: what is quick of these
    // was told. A machine that is slow for a moment is so for one of them.
    expect(Math.min(...took.slice(1))).toBeLessThan(3_000);
    await consumer.stop();
  });

  it('broadcast: each consumer of the group gets all', async () => {
    const name = await topic('broadcast');
    const options = { group: `${name}-group`, topic: name, nameServer: cluster().nameServer };
    const consumers = await Promise.all([
      client().consumer({ ...options, messageModel: 'BROADCASTING' }),
      client().consumer({ ...options, messageModel: 'BROADCASTING' }),
    ]);
    const bodies = numbered(12);
    const sender = await producer();
    for (const body of bodies) await sender.send({ topic: name, body });
    for (const consumer of consumers) {
      await consumer.received(12);
      expect(consumer.bodies).toEqual(bodies.toSorted());
    }
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  });

  it('two consumers of a group share the queues, and one takes over when the other leaves', async () => {
    const name = await topic('rebalance');
    const options = { group: `${name}-group`, topic: name, nameServer: cluster().nameServer };
    const first = await client().consumer(options);
    await until('the first has all queues', async () => (await first.assignment()).length === QUEUES);
    const second = await client().consumer(options);
    const halves = async () =>
      (await first.assignment()).length === 2 && (await second.assignment()).length === 2;
    const joining = await timed(() => until('each has two queues', halves));
    const sender = await producer();
    const bodies = numbered(40);
    for (const [i, body] of bodies.entries()) await sender.send({ topic: name, body }, i % QUEUES);
    const come = () => first.messages.length + second.messages.length >= 40;
    await until('all have come', come, PATIENCE_MS, () => [first.bodies, second.bodies]);
    expect([...first.bodies, ...second.bodies].toSorted()).toEqual(bodies.toSorted());
    expect([first.messages.length, second.messages.length]).toEqual([20, 20]);
    await second.stop();
    const whole = async () => (await first.assignment()).length === QUEUES;
    const leaving = await timed(() => until('the first has all queues again', whole));
    // Both on a machine that has time; on one that is slow for a moment, one of them.
    expect(Math.min(joining, leaving)).toBeLessThan(TOLD_MS);
    for (let i = 0; i < QUEUES; i++) await sender.send({ topic: name, body: `after-${i}` }, i);
    await until(
      'the first gets all',
      () => first.bodies.filter((body) => body.startsWith('after')).length === QUEUES,
    );
    await first.stop();
  });

  it('a failed message comes again', async () => {
    const name = await topic('retry');
    const options = { group: `${name}-group`, topic: name, nameServer: cluster().nameServer };
    // The first heartbeat of a group makes its retry topic. A consumer that starts when the route of it is known has it
    // from the start; another one finds it with the next regular rebalancing, after 20 s.
    const first = await client().consumer(options);
    const route = { nameServer: cluster().nameServer, topic: `%RETRY%${name}-group` };
    await until('the retry topic has a route', () => client().call('admin.route', route));
    await first.stop();
    const consumer = await client().consumer({ ...options, failures: 2 });
    const sender = await producer();
    const sent = await sender.send({
      topic: name,
      body: 'again',
      tags: 'x',
      keys: 'k',
      properties: { mine: 'kept' },
    });
    const messages = await consumer.received(3);
    expect(messages.map((message) => message.reconsumeTimes)).toEqual([0, 1, 2]);
    for (const message of messages) {
      expect(message).toMatchObject({
        topic: name,
        msgId: sent.msgId,
        tags: 'x',
        keys: 'k',
        properties: { mine: 'kept' },
      });
      expect(message.body.toString()).toBe('again');
    }
    expect(messages[2]?.properties).toMatchObject({
      ORIGIN_MESSAGE_ID: sent.offsetMsgId,
      RETRY_TOPIC: name,
      REAL_TOPIC: `%RETRY%${name}-group`,
    });
    await consumer.stop();
  });

  it('a group goes on where it was', async () => {
    const name = await topic('offsets');
    const group = `${name}-group`;
    const options = { group, topic: name, nameServer: cluster().nameServer };
    const sender = await producer();
    const before = numbered(8);
    for (const [i, body] of before.entries()) await sender.send({ topic: name, body }, i % QUEUES);
    const first = await client().consumer(options);
    await first.received(8);
    await first.stop();
    const rows = await groupConsumed(cluster(), client(), group, name, 2);
    expect(rows.map((row) => row.brokerOffset)).toEqual(Array(QUEUES).fill(2));
    for (let i = 0; i < QUEUES; i++) await sender.send({ topic: name, body: `after-${i}` }, i);
    const second = await client().consumer(options);
    await second.received(QUEUES);
    expect(second.bodies).toEqual(['after-0', 'after-1', 'after-2', 'after-3']);
    await second.stop();
  });

  it('messages are found by key, by id, by offset and by time', async () => {
    const name = await topic('query');
    const sender = await producer();
    const sent = await sender.send({ topic: name, body: 'one', keys: 'k1 k2' }, 1);
    const other = await sender.send({ topic: name, body: 'two', keys: 'k2' }, 1);
    const found = await until('both are indexed', async () => {
      const messages = await sender.query(name, 'k2');
      return messages.length === 2 && messages;
    });
    expect(found.map((message) => message.body.toString()).toSorted()).toEqual(['one', 'two']);
    expect((await sender.query(name, 'k1')).map((message) => message.msgId)).toEqual([sent.msgId]);
    expect((await sender.view(name, other.offsetMsgId)).body.toString()).toBe('two');
    expect((await sender.view(name, sent.msgId)).body.toString()).toBe('one');
    const queue = { topic: name, brokerName: cluster().brokerName, queueId: 1 };
    expect(await sender.offsets(queue)).toEqual({ min: 0, max: 2 });
    expect(await sender.searchOffset(queue, 0)).toBe(0);
    expect(await sender.searchOffset(queue, Date.now() + 60_000)).toBeGreaterThanOrEqual(1);
    await expect(sender.query(name, 'no such key')).rejects.toThrow(/208|no message/i);
  });

  it('the binary header', async () => {
    const name = await topic('binary');
    await client().call('serializeType', { type: 'ROCKETMQ' });
    try {
      const sender = await producer();
      const bodies = numbered(5);
      for (const body of bodies)
        await sender.send({ topic: name, body, tags: 't', properties: { who: '订单😀' } });
      const consumer = await client().consumer({
        group: `${name}-group`,
        topic: name,
        nameServer: cluster().nameServer,
      });
      const messages = await consumer.received(5);
      expect(consumer.bodies).toEqual(bodies);
      expect(messages.every((message) => message.properties['who'] === '订单😀')).toBe(true);
      await consumer.stop();
    } finally {
      await client().call('serializeType', { type: 'JSON' });
    }
  });
}
