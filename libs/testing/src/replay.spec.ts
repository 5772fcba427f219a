import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConsumeFromWhere,
  DefaultMQProducer,
  DefaultMQPushConsumer,
  MQAdmin,
  type MessageExt,
  type PushConsumerOptions,
} from '@nest-rocketmq/client';
import { EmbeddedCluster } from '@nest-rocketmq/embedded';

const closers: (() => Promise<unknown>)[] = [];
let cluster: EmbeddedCluster;
let producer: DefaultMQProducer;
let admin: MQAdmin;
let names = 0;
let topic: string;

beforeAll(async () => {
  cluster = await EmbeddedCluster.startTemporary({ broker: { traceTopicEnable: true } });
  producer = new DefaultMQProducer({ group: 'p', nameServer: cluster.nameServer });
  admin = new MQAdmin({ nameServer: cluster.nameServer });
  await Promise.all([producer.start(), admin.start()]);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(async () => {
  await Promise.all([producer.shutdown(), admin.shutdown()]);
  await cluster.shutdown();
});

async function newTopic(): Promise<void> {
  topic = `topic-${++names}`;
  await admin.createTopic({ topic, readQueueNums: 2, writeQueueNums: 2 });
}

type Listen = (message: MessageExt) => Promise<void> | void;

async function consume(group: string, listen: Listen, options: Partial<PushConsumerOptions> = {}) {
  const consumer = new DefaultMQPushConsumer({
    group,
    nameServer: cluster.nameServer,
    consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
    ...options,
  });
  consumer.subscribe(topic);
  consumer.onMessage(async ([message]) => {
    if (message) await listen(message);
  });
  await consumer.start();
  closers.push(() => consumer.shutdown());
  return consumer;
}

/** Waits for as many messages as it is told to. */
class Seen {
  readonly bodies: string[] = [];
  #wanted: { count: number; resolve: () => void } | undefined;

  readonly listen: Listen = (message) => {
    this.bodies.push(message.body.toString());
    if (this.#wanted && this.bodies.length >= this.#wanted.count) this.#wanted.resolve();
  };

  async received(count: number): Promise<string[]> {
    if (this.bodies.length < count) await new Promise<void>((resolve) => (this.#wanted = { count, resolve }));
    return [...this.bodies].sort((a, b) => a.localeCompare(b));
  }
}

async function sendThree(): Promise<void> {
  for (const text of ['a', 'b', 'c'])
    await producer.send({ topic, keys: `k-${text}`, body: Buffer.from(text) });
}

describe('replaying', () => {
  it('a group that runs goes back to the beginning', async () => {
    await newTopic();
    await sendThree();
    const seen = new Seen();
    await consume(`g-${topic}`, seen.listen);
    expect(await seen.received(3)).toEqual(['a', 'b', 'c']);
    const offsets = await admin.resetOffset(`g-${topic}`, topic, 0);
    expect(offsets.map(({ value }) => value)).toEqual([0, 0]);
    expect(await seen.received(6)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('a group that is stopped goes back to the beginning with its next start', async () => {
    await newTopic();
    await sendThree();
    const seen = new Seen();
    const consumer = await consume(`g-${topic}`, seen.listen);
    await seen.received(3);
    await consumer.shutdown();
    await admin.resetOffset(`g-${topic}`, topic, 0);
    const again = new Seen();
    await consume(`g-${topic}`, again.listen);
    expect(await again.received(3)).toEqual(['a', 'b', 'c']);
  });

  it('a member tells its offsets, its state, and how it does with one message', async () => {
    await newTopic();
    await sendThree();
    const group = `g-${topic}`;
    const seen = new Seen();
    const consumer = await consume(group, (message) => {
      if (seen.bodies.length >= 4) throw new Error('enough');
      return seen.listen(message);
    });
    await seen.received(3);
    const clientId = consumer.clientId ?? '';

    const status = await admin.consumerStatus(group, topic);
    const known = (status.get(clientId) ?? []).map(({ value }) => value);
    expect(known.reduce((sum, offset) => sum + offset, 0)).toBe(3);
    expect([...(await admin.consumerStatus(group, topic, 'other')).keys()]).toEqual([]);

    const info = await admin.consumerRunningInfo(group, clientId, true);
    expect(info.properties.get('PROP_CONSUME_TYPE')).toBe('CONSUME_PASSIVELY');
    expect(info.mqTable.filter(({ queue }) => queue.topic === topic)).toHaveLength(2);
    expect(info.statusTable.get(topic)).toBeDefined();
    expect(info.jstack).toContain(`pid ${process.pid}`);
    expect((await admin.consumerRunningInfo(group, clientId)).jstack).toBeUndefined();
    await expect(admin.consumerRunningInfo(group, 'nobody')).rejects.toMatchObject({
      responseCode: 1,
      remark: `The Consumer <${group}> <nobody> not online`,
    });

    const [found] = await admin.queryMessage(topic, 'k-b');
    const consumed = await admin.consumeMessageDirectly(group, clientId, topic, found?.msgId ?? '');
    expect(consumed).toMatchObject({ consumeResult: 'CR_SUCCESS', order: false });
    expect(seen.bodies.at(-1)).toBe('b');
    const failed = await admin.consumeMessageDirectly(group, clientId, topic, found?.offsetMsgId ?? '');
    expect(failed).toMatchObject({ consumeResult: 'CR_THROW_EXCEPTION', remark: 'Error: enough' });
  });
});

describe('finding', () => {
  it('finds a message by each of its ids, by its keys, and by its queue offset', async () => {
    await newTopic();
    const sent = await producer.send({ topic, keys: ['one', 'two'], body: Buffer.from('x') });
    for (const id of [sent.msgId, sent.offsetMsgId])
      expect(await admin.viewMessage(topic, id)).toMatchObject({ msgId: sent.msgId });
    expect(await admin.queryMessageByUniqKey(topic, sent.msgId)).toMatchObject({ keys: ['one', 'two'] });
    for (const key of ['one', 'two']) expect(await admin.queryMessage(topic, key)).toHaveLength(1);
    const slice = await admin.readQueue(sent.messageQueue, sent.queueOffset);
    expect(slice.messages.map(({ msgId }) => msgId)).toEqual([sent.msgId]);
    expect(await admin.searchOffset(sent.messageQueue, 0)).toBe(0);
    await expect(admin.queryMessageByUniqKey(topic, 'none')).rejects.toMatchObject({ responseCode: 22 });
  });

  it('case 7: of two keys with the same Java hash ("Aa" / "BB") the client keeps the one asked for', async () => {
    await newTopic();
    await producer.send({ topic, keys: 'Aa', body: Buffer.from('one') });
    await producer.send({ topic, keys: 'BB', body: Buffer.from('two') });
    const found = await admin.queryMessage(topic, 'Aa');
    expect(found.map(({ body }) => body.toString())).toEqual(['one']);
  });
});

describe('request and reply', () => {
  it('brings the reply of a consumer to the producer that asked', async () => {
    await newTopic();
    const replier = new DefaultMQProducer({ group: 'replier', nameServer: cluster.nameServer });
    await replier.start();
    closers.push(() => replier.shutdown());
    await consume(`g-${topic}`, async (message) => {
      await replier.reply(message, { body: Buffer.from(`re: ${message.body.toString()}`) });
    });
    const reply = await producer.request({ topic, body: Buffer.from('question') }, 10_000);
    expect(reply.body.toString()).toBe('re: question');
    expect(reply.topic).toBe('DefaultCluster_REPLY_TOPIC');
  });

  it('tells the replier that its requester is gone', async () => {
    await newTopic();
    // With a client id of its own: replies go to a client, which the other producers here share.
    const options = { group: 'requester', instanceName: 'requester', nameServer: cluster.nameServer };
    const requester = new DefaultMQProducer(options);
    await requester.start();
    await expect(requester.request({ topic, body: Buffer.from('question') }, 500)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('it was stored'),
    });
    await requester.shutdown();
    const failure = await new Promise((resolve) => {
      void consume(`g-${topic}`, async (message) => {
        await producer.reply(message, { body: Buffer.from('late') }).catch(resolve);
      });
    });
    expect(failure).toMatchObject({ responseCode: 1, remark: expect.stringContaining('not found') });
  });
});

describe('message trace', () => {
  it('tells who sent a message, who consumed it and how that ended', async () => {
    await newTopic();
    const traced = new DefaultMQProducer({
      group: 'traced',
      nameServer: cluster.nameServer,
      enableMsgTrace: true,
    });
    await traced.start();
    const { msgId, offsetMsgId } = await traced.send({
      topic,
      tags: 't',
      keys: 'k',
      body: Buffer.from('abc'),
    });
    await traced.shutdown();
    const seen = new Seen();
    const consumer = await consume(`g-${topic}`, seen.listen, { enableMsgTrace: true });
    await seen.received(1);
    await consumer.shutdown();
    const records = await admin.messageTrace(msgId);
    expect(records).toEqual([
      expect.objectContaining({
        type: 'Pub',
        groupName: 'traced',
        topic,
        tags: 't',
        keys: 'k',
        bodyLength: 3,
        storeHost: cluster.brokerAddress,
        offsetMsgId,
        msgType: 'Normal_Msg',
        success: true,
      }),
      expect.objectContaining({ type: 'SubBefore', groupName: `g-${topic}`, retryTimes: 0, keys: 'k' }),
      expect.objectContaining({ type: 'SubAfter', groupName: `g-${topic}`, success: true, contextCode: 0 }),
    ]);
    expect(await admin.messageTrace('unknown')).toEqual([]);
  });
});
