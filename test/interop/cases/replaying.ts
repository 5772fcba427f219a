import { describe, expect, it } from '@jest/globals';
import {
  decodeTrace,
  DefaultMQProducer,
  DefaultMQPushConsumer,
  MQAdmin,
  type ProducerOptions,
  type TraceRecord,
} from '@nest-rocketmq/client';
import type { JavaClient } from '../harness/java-client.ts';
import { OurConsumer } from '../harness/our-consumer.ts';
import { PATIENT, PATIENT_SENDER } from '../harness/patient.ts';
import { PATIENCE_MS, until } from '../harness/until.ts';
import { caseTopic, QUEUES, type Cluster } from './cluster.ts';

let last = 0;

/** Requests and replies, replays, what consoles ask of consumers, and message traces, between Apache's client and ours. */
export function replayingCases(cluster: () => Cluster, java: () => JavaClient): void {
  const call = <T>(name: string, parameters: Record<string, unknown>): Promise<T> =>
    java().call<T>(`replay.${name}`, { nameServer: cluster().nameServer, ...parameters });
  const encoded = (body: string): string => Buffer.from(body).toString('base64');
  const text = (seen: { body: string }): string => Buffer.from(seen.body, 'base64').toString();

  async function started(options: Partial<ProducerOptions> = {}): Promise<DefaultMQProducer> {
    const producer = new DefaultMQProducer({
      group: `ours-${++last}`,
      nameServer: cluster().nameServer,
      ...PATIENT_SENDER,
      ...options,
    });
    await producer.start();
    return producer;
  }

  async function startedAdmin(): Promise<MQAdmin> {
    const admin = new MQAdmin({ nameServer: cluster().nameServer, ...PATIENT });
    await admin.start();
    return admin;
  }

  /** Has a Java client of this case, and stops it in the end. */
  async function withJava<T>(
    call_: 'startProducer' | 'startConsumer',
    parameters: Record<string, unknown>,
    work: (id: string) => Promise<T>,
  ): Promise<T> {
    const id = `replaying-${++last}`;
    await call(call_, { id, ...parameters });
    try {
      return await work(id);
    } finally {
      await call('stop', { id });
    }
  }

  /** The client id of the only member of a group. */
  const memberOf = async (admin: MQAdmin, group: string): Promise<string> => {
    const members = await until(`${group} is online`, async () => {
      const { connectionSet } = await admin.consumerConnection(group);
      return connectionSet.length === 1 && connectionSet;
    });
    return members[0]?.clientId ?? '';
  };

  it("Apache's client asks, ours answers: awaited and by callback", async () => {
    const topic = await caseTopic(cluster(), java(), 'request-theirs');
    const replier = await started();
    const consumer = new DefaultMQPushConsumer({ group: `${topic}-g`, nameServer: cluster().nameServer });
    consumer.subscribe(topic);
    consumer.onMessage(async ([message]) => {
      if (message) await replier.reply(message, { body: Buffer.from(message.body.toString().toUpperCase()) });
    });
    await consumer.start();
    await until(
      'it has its queues',
      () => consumer.assignment().filter((queue) => queue.topic === topic).length === QUEUES,
    );
    await withJava('startProducer', {}, async (id) => {
      for (const name of ['request', 'requestWithCallback']) {
        const parameters = { id, timeout: 60_000, message: { topic, body: encoded(`${name}?`) } };
        const reply = await call<{ body: string; properties: Record<string, string> }>(name, parameters);
        expect(text(reply)).toBe(`${name}?`.toUpperCase());
        expect(reply.properties.CORRELATION_ID).toBeDefined();
      }
    });
    await Promise.all([consumer.shutdown(), replier.shutdown()]);
  });

  it("our client asks, Apache's answers", async () => {
    const topic = await caseTopic(cluster(), java(), 'request-ours');
    await withJava('startConsumer', { topic, group: `${topic}-g` }, async () => {
      const requester = await started();
      for (const question of ['one', 'two']) {
        const reply = await requester.request({ topic, body: Buffer.from(question) }, 60_000);
        expect(reply.body.toString()).toBe(question.toUpperCase());
      }
      await requester.shutdown();
    });
  });

  it('a reply whose requester is gone is refused with code 1, and why', async () => {
    const topic = await caseTopic(cluster(), java(), 'reply-late');
    const replier = await started();
    // With a client id of its own: replies go to a client, which other producers here share.
    const requester = await started({ instanceName: `${topic}-requester` });
    const asked = requester.request({ topic, body: Buffer.from('?') }, 3000);
    await expect(asked).rejects.toMatchObject({ code: 'TIMEOUT', responseCode: 10_006 });
    await requester.shutdown();
    const consumer = await OurConsumer.start({
      topic,
      group: `${topic}-g`,
      nameServer: cluster().nameServer,
    });
    const [request] = await consumer.received(1);
    const error =
      request && (await replier.reply(request, { body: Buffer.from('!') }).catch((e: unknown) => e));
    expect(error).toMatchObject({
      responseCode: 1,
      remark: expect.stringMatching(/^push reply message fail, channel of <.*> not found\.?$/),
    });
    await Promise.all([consumer.stop(), replier.shutdown()]);
  });

  describe('a console', () => {
    it("Apache's asks our consumer: its state, its offsets, a message consumed again", async () => {
      const topic = await caseTopic(cluster(), java(), 'console-theirs');
      const group = `${topic}-g`;
      const consumer = await OurConsumer.start({ topic, group, nameServer: cluster().nameServer });
      const producer = await started();
      const sent = await producer.send({ topic, body: Buffer.from('again') });
      await consumer.received(1);
      const admin = await startedAdmin();
      const clientId = await memberOf(admin, group);
      // Messages of the first queues may come before it has the others.
      await until('it has its queues', () => consumer.queues === QUEUES);
      const info = await call<{
        properties: Record<string, string>;
        topics: string[];
        queues: { topic: string }[];
        jstack: string;
        printed: string;
      }>('runningInfo', { group, clientId });
      expect(info.properties).toMatchObject({
        PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY',
        PROP_CONSUMEORDERLY: 'false',
      });
      expect(info.topics).toEqual(expect.arrayContaining([topic, `%RETRY%${group}`]));
      expect(info.queues.filter((queue) => queue.topic === topic)).toHaveLength(QUEUES);
      expect(info.jstack).toContain('active resources');
      expect(info.printed).toContain(`%RETRY%${group}`);
      const status = await call<Record<string, number>>('consumerStatus', { group, topic, clientId });
      expect(status).toEqual({ [clientId]: expect.any(Number) });
      const parameters = { group, clientId, topic, msgId: sent.offsetMsgId };
      expect(await call('consumeDirectly', parameters)).toBe('CR_SUCCESS');
      expect(consumer.bodies).toEqual(['again', 'again']);
      await Promise.all([consumer.stop(), producer.shutdown(), admin.shutdown()]);
    });

    it("mqadmin's consumerStatus prints our consumer", async () => {
      const topic = await caseTopic(cluster(), java(), 'console-mqadmin');
      const group = `${topic}-g`;
      const consumer = await OurConsumer.start({ topic, group, nameServer: cluster().nameServer });
      const admin = await startedAdmin();
      const clientId = await memberOf(admin, group);
      const printed = await java().mqadmin(
        'consumerStatus',
        '-n',
        cluster().nameServer,
        '-g',
        group,
        '-i',
        clientId,
      );
      expect(printed).toContain(`#Consumer MQ Detail#`);
      expect(printed).toContain(topic);
      await Promise.all([consumer.stop(), admin.shutdown()]);
    });

    it('mqadmin finds a message by its ids, its key, its queue offset, and its trace', async () => {
      const topic = await caseTopic(cluster(), java(), 'console-find');
      const traceTopic = await caseTopic(cluster(), java(), 'console-trace');
      const producer = await started({ enableMsgTrace: true, customizedTraceTopic: traceTopic });
      const sent = await producer.send({ topic, keys: 'the-key', body: Buffer.from('find me') });
      await producer.shutdown();
      const { msgId, offsetMsgId, queueOffset, messageQueue } = sent;
      const ask = (command: string, ...more: string[]): Promise<string> =>
        java().mqadmin(command, '-n', cluster().nameServer, ...more);
      await until('it is in the index', async () =>
        (await ask('queryMsgByKey', '-t', topic, '-k', 'the-key')).includes(msgId),
      );
      const place = ['-b', messageQueue.brokerName, '-i', String(messageQueue.queueId)];
      const printed = [
        // 4.9 takes no topic here, 5.x needs one.
        await ask('queryMsgById', '-i', offsetMsgId, ...(java().version === '4.9.8' ? [] : ['-t', topic])),
        await ask('queryMsgByUniqueKey', '-t', topic, '-i', msgId),
        await ask('queryMsgByOffset', '-t', topic, ...place, '-o', String(queueOffset)),
      ];
      for (const text of printed) expect(text).toMatch(/the-key/);
      await until('its trace is there', async () =>
        (await ask('queryMsgTraceById', '-i', msgId, '-t', traceTopic)).includes('Pub'),
      );
    });

    it("ours asks Apache's consumer: its state, its offsets, a message consumed again", async () => {
      const topic = await caseTopic(cluster(), java(), 'console-ours');
      const group = `${topic}-g`;
      const consumer = await java().consumer({ topic, group, nameServer: cluster().nameServer });
      const producer = await started();
      const sent = await producer.send({ topic, body: Buffer.from('again') });
      await consumer.received(1);
      const admin = await startedAdmin();
      const clientId = await memberOf(admin, group);
      const info = await admin.consumerRunningInfo(group, clientId, true);
      expect(info.properties.get('PROP_CONSUME_TYPE')).toBe('CONSUME_PASSIVELY');
      expect(info.mqTable.filter(({ queue }) => queue.topic === topic)).toHaveLength(QUEUES);
      expect(info.jstack).toContain('TID:');
      expect([...(await admin.consumerStatus(group, topic)).keys()]).toEqual([clientId]);
      const result = await admin.consumeMessageDirectly(group, clientId, topic, sent.msgId);
      expect(result.consumeResult).toBe('CR_SUCCESS');
      await consumer.received(2);
      expect(consumer.bodies).toEqual(['again', 'again']);
      await Promise.all([consumer.stop(), producer.shutdown(), admin.shutdown()]);
    });

    it.each(["Apache's", 'ours'])('%s resets the offsets of our consumer while it runs', async (whose) => {
      const topic = await caseTopic(cluster(), java(), 'reset');
      const group = `${topic}-g`;
      const { nameServer } = cluster();
      const consumer = await OurConsumer.start({ topic, group, nameServer });
      const producer = await started();
      const queues = await producer.fetchPublishMessageQueues(topic);
      const toEach = async (body: string): Promise<void> => {
        for (const queue of queues) await producer.send({ topic, body: Buffer.from(body) }, { queue });
      };
      await toEach('first');
      await consumer.received(QUEUES);
      const admin = await startedAdmin();
      await until('its offsets are stored', async () => {
        const stored = await Promise.all(queues.map((queue) => admin.consumerOffset(group, queue)));
        return stored.every((offset) => offset === 1);
      });
      const count =
        whose === 'ours'
          ? (await admin.resetOffset(group, topic, 0)).length
          : await java().call('admin.resetOffset', { nameServer, topic, group, timestamp: 0 });
      expect(count).toBe(QUEUES);
      // A broker that resets by itself tells a consumer with its next pull: this ends the one it holds.
      await toEach('second');
      // One that resets its consumers may be behind the second messages, which then come twice as well.
      const times = (body: string): number => consumer.bodies.filter((each) => each === body).length;
      await until(
        'it has all of them again',
        () => times('first') === 2 * QUEUES && times('second') >= QUEUES,
        PATIENCE_MS,
        () => consumer.bodies,
      );
      await Promise.all([consumer.stop(), producer.shutdown(), admin.shutdown()]);
    });
  });

  describe('message traces', () => {
    const kinds = (records: readonly TraceRecord[]): string => records.map(({ type }) => type).join();

    /** The traces in a topic, as they were written. */
    const tracesIn = async (topic: string, records: number): Promise<string> =>
      until('the traces have come', async () => {
        const messages = await java().read(cluster().nameServer, topic, `${topic}-reader`);
        const data = messages.map((message) => message.body.toString()).join('');
        return decodeTrace(data).length >= records && data;
      });

    it("ours are what Apache's TraceDataEncoder reads and writes", async () => {
      const traceTopic = await caseTopic(cluster(), java(), 'trace-ours');
      const topic = await caseTopic(cluster(), java(), 'traced-by-us');
      const options = { enableMsgTrace: true, customizedTraceTopic: traceTopic };
      const producer = await started(options);
      await producer.send({ topic, tags: 't', keys: ['a', 'b'], body: Buffer.from('x') });
      await producer.send({ topic, body: Buffer.from('yy'), delayLevel: 1 });
      await producer.shutdown();
      const { nameServer } = cluster();
      const consumer = await OurConsumer.start({ topic, group: `${topic}-g`, nameServer, ...options });
      await consumer.received(2);
      await consumer.stop();
      const data = await tracesIn(traceTopic, 6);
      const again = await call<string>('reencodeTrace', { data });
      expect(Buffer.from(again, 'base64').toString()).toBe(data);
      const sorted = decodeTrace(data).toSorted((a, b) => a.type.localeCompare(b.type));
      expect(kinds(sorted)).toBe('Pub,Pub,SubAfter,SubAfter,SubBefore,SubBefore');
    });

    it("Apache's are read by ours", async () => {
      const traceTopic = await caseTopic(cluster(), java(), 'trace-theirs');
      const topic = await caseTopic(cluster(), java(), 'traced-by-them');
      const sent = await withJava('startProducer', { traceTopic }, async (id) => {
        const message = { topic, tags: 't', keys: 'k', body: encoded('abc') };
        const first = await call<{ msgId: string; offsetMsgId: string }>('send', { id, message });
        // Apache's client sends traces ten at a time, fewer after some seconds.
        for (let i = 0; i < 9; i++) await call('send', { id, message });
        return first;
      });
      const admin = await startedAdmin();
      const group = `${topic}-g`;
      const records = await withJava('startConsumer', { topic, group, traceTopic }, () =>
        until('they are found by the id of their message', async () => {
          const found = await admin.messageTrace(sent.msgId, traceTopic);
          return found.length >= 3 && found;
        }),
      );
      expect(kinds(records)).toBe('Pub,SubBefore,SubAfter');
      expect(records).toEqual([
        expect.objectContaining({
          topic,
          tags: 't',
          keys: 'k',
          bodyLength: 3,
          success: true,
          offsetMsgId: sent.offsetMsgId,
        }),
        expect.objectContaining({ groupName: group, retryTimes: 0, keys: 'k' }),
        expect.objectContaining({ success: true, contextCode: 0 }),
      ]);
      await admin.shutdown();
    });
  });
}
