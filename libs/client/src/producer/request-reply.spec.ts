import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  encodeHost,
  encodeProperties,
  encodeRecord,
  GroupList,
  decodeRecord,
  parseMessageProperties,
  PushReplyMessageToClient,
  RemotingCommand,
  RequestCode,
  SendMessageV2,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import { ManualClock } from '@nest-rocketmq/runtime';
import { deflateSync } from 'node:zlib';
import {
  ok,
  refused,
  routeOf,
  scriptedBroker,
  scriptedNameServer,
  type Script,
  type ScriptedServer,
} from '../../spec-support/scripted-server.ts';
import type { MessageExt } from '../message/message.ts';
import { ReceivedMessage } from '../message/received-message.ts';
import { DefaultMQProducer } from './default-mq-producer.ts';
import { createReplyMessage, isRequest } from './request-reply-message.ts';

const body = Buffer.from('question');
const STORED = { msgId: '7F00000100002A9F0000000000000000', queueId: '0', queueOffset: '7' };

function push(connection: Connection, properties: Record<string, string>, reply: Buffer, sysFlag = 0) {
  const fields = PushReplyMessageToClient.request.encode({
    producerGroup: 'CLIENT_INNER_PRODUCER',
    topic: 'DefaultCluster_REPLY_TOPIC',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 0,
    sysFlag,
    bornTimestamp: 1,
    flag: 2,
    properties: encodeProperties(new Map(Object.entries(properties))).toString(),
    unitMode: false,
    bornHost: '10.0.0.1:4711',
    storeHost: '10.0.0.2:10911',
    storeTimestamp: 3,
  });
  const request = RemotingCommand.request(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, fields, reply);
  return connection.request(request, 2000);
}

describe('request and reply', () => {
  let nameServer: ScriptedServer;
  let broker: ScriptedServer;
  let other: ScriptedServer;
  let producer: DefaultMQProducer;

  beforeEach(async () => {
    broker = await scriptedBroker();
    other = await scriptedBroker();
    const routes = new Map([
      ['T', routeOf({ a: broker.address }, 1)],
      ['c_REPLY_TOPIC', routeOf({ a: broker.address, b: other.address }, 1)],
      ['DefaultCluster_REPLY_TOPIC', routeOf({ a: broker.address, b: other.address }, 1)],
    ]);
    nameServer = await scriptedNameServer(routes);
    producer = new DefaultMQProducer({ group: 'g', nameServer: nameServer.address });
    await producer.start();
  });

  afterEach(async () => {
    await producer.shutdown();
    await Promise.all([nameServer.close(), broker.close(), other.close()]);
  });

  const propertiesOf = (request: RemotingCommand): Map<string, string> =>
    parseMessageProperties(SendMessageV2.request.decode(request).properties ?? '');

  /** Has the broker store requests, and push what `reply` makes of them. */
  const answering = (reply: (properties: Map<string, string>) => Buffer, sysFlag = 0): RemotingCommand[] => {
    const answers: RemotingCommand[] = [];
    broker.on(310, (request, connection) => {
      const properties = propertiesOf(request);
      const pushed = { CORRELATION_ID: properties.get('CORRELATION_ID') ?? '', MSG_TYPE: 'reply', x: 'y' };
      void push(connection, pushed, reply(properties), sysFlag).then((answer) => answers.push(answer));
      return ok(request, STORED);
    });
    return answers;
  };

  it('gives the reply whose correlation id is that of the request', async () => {
    const answers = answering((properties) => Buffer.from(`to ${properties.get('REPLY_TO_CLIENT')}`));
    const reply = await producer.request({ topic: 'T', tags: 'q', body }, 2500);
    expect(reply.body.toString()).toBe(`to ${producer.clientId}`);
    expect(reply.properties.get('x')).toBe('y');
    expect(Number(reply.properties.get('ARRIVE_TIME'))).toBeGreaterThan(0);
    expect(reply).toMatchObject({ flag: 2, bornHost: '10.0.0.1:4711', storeTimestamp: 3 });
    const [request] = broker.of(310);
    const sent = propertiesOf(request as RemotingCommand);
    expect(sent.get('TTL')).toBe('2500');
    expect(sent.get('CORRELATION_ID')).toMatch(/^[0-9a-f-]{36}$/);
    await producer.shutdown();
    expect(answers.map((answer) => answer.code)).toEqual([0]);
  });

  it('gives each of many requests its own reply', async () => {
    answering((properties) => Buffer.from(properties.get('KEYS') ?? ''));
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    const replies = await Promise.all(keys.map((key) => producer.request({ topic: 'T', keys: key, body })));
    expect(replies.map((reply) => reply.body.toString())).toEqual(keys);
  });

  it('gives a compressed reply as it was before', async () => {
    answering(() => deflateSync(Buffer.from('long')), 0x1);
    expect((await producer.request({ topic: 'T', body }, 2000)).body.toString()).toBe('long');
  });

  it('makes itself known to every broker that the reply may come through, before it asks', async () => {
    let known = false;
    broker.on(310, (request, connection) => {
      known = other.of(RequestCode.HEART_BEAT).length > 0;
      void push(connection, { CORRELATION_ID: propertiesOf(request).get('CORRELATION_ID') ?? '' }, body);
      return ok(request, STORED);
    });
    await producer.request({ topic: 'T', body }, 2000);
    expect(known).toBe(true);
    expect(broker.of(RequestCode.HEART_BEAT).length).toBeGreaterThan(0);
  });

  it.each<[string, Script, string]>([
    [
      'that nobody subscribes',
      (request) => ok(request, {}, GroupList.encode({ groupList: [] })),
      'no consumer group subscribes to the topic',
    ],
    [
      'who could have answered',
      (request) => ok(request, {}, GroupList.encode({ groupList: ['g1', 'g2'] })),
      'none of the groups that consume the topic (g1, g2) answered in time',
    ],
    [
      'no more where the broker tells no more',
      (request) => refused(request, 16, 'no'),
      'but no consumer answered',
    ],
  ])('says of a request without a reply that it was stored, and %s', async (_name, script, text) => {
    broker.on(310, (request) => ok(request, STORED));
    broker.on(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, script);
    const error: unknown = await producer
      .request({ topic: 'T', tags: 'q', body }, 500)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'TIMEOUT', responseCode: 10006 });
    expect(String(error)).toMatch(/T:q got no reply within 500 ms: it was stored \(a:0 at offset 7/);
    expect(String(error)).toContain(text);
  });

  it('says of a request that no broker acknowledged that it may not be stored', async () => {
    broker.on(310, () => new Promise(() => undefined));
    await expect(producer.request({ topic: 'T', body }, 100)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/T got no reply within 100 ms: its broker did not acknowledge it/),
    });
  });

  it('fails as the send does when the request is refused', async () => {
    broker.on(310, (request) => refused(request, 13, 'too long'));
    await expect(producer.request({ topic: 'T', body }, 2000)).rejects.toMatchObject({
      code: 'REMOTE',
      responseCode: 13,
    });
  });

  it('takes a reply that comes too late, and gives it to nobody', async () => {
    let late: (() => Promise<RemotingCommand>) | undefined;
    broker.on(310, (request, connection) => {
      const id = propertiesOf(request).get('CORRELATION_ID') ?? '';
      late = () => push(connection, { CORRELATION_ID: id }, Buffer.from('late'));
      return ok(request, STORED);
    });
    await expect(producer.request({ topic: 'T', body }, 500)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect((await late?.())?.code).toBe(0);
  });

  it('stops waiting when the signal is aborted', async () => {
    broker.on(310, (request) => ok(request, STORED));
    const abort = new AbortController();
    const reply = producer.request({ topic: 'T', body }, { timeout: 5000, signal: abort.signal });
    abort.abort();
    await expect(reply).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('ends when the producer is shut down, and leaves no timer', async () => {
    const clock = new ManualClock(Date.now());
    const leaving = new DefaultMQProducer({ group: 'leaving', nameServer: nameServer.address, clock });
    await leaving.start();
    const stored = new Promise<void>((resolve) => {
      broker.on(310, (request) => {
        resolve();
        return ok(request, STORED);
      });
    });
    const reply = leaving.request({ topic: 'T', body }, 60_000).catch((error: unknown) => error);
    await stored;
    await leaving.shutdown();
    expect(await reply).toMatchObject({ code: 'ABORTED' });
    expect(clock.pending).toBe(0);
  });

  it('calls back with the reply, or with the error', async () => {
    answering(() => Buffer.from('answer'));
    const onException = jest.fn();
    const reply = await new Promise<MessageExt>((resolve) =>
      producer.request({ topic: 'T', body }, 2000, { onSuccess: resolve, onException }),
    );
    expect(reply.body.toString()).toBe('answer');
    broker.on(310, (request) => ok(request, STORED));
    const error = await new Promise((resolve) =>
      producer.request({ topic: 'T', body }, 50, { onSuccess: jest.fn(), onException: resolve }),
    );
    expect(error).toMatchObject({ responseCode: 10006 });
    expect(onException).not.toHaveBeenCalled();
  });

  it('sends the reply to a request by its own code, through the broker the request came from', async () => {
    for (const server of [broker, other]) server.on(325, (request) => ok(request, STORED));
    await producer.reply(received({ CLUSTER: 'c', CORRELATION_ID: 'id', REPLY_TO_CLIENT: 'x', TTL: '9' }), {
      body: Buffer.from('answer'),
    });
    expect(broker.of(325)).toHaveLength(0);
    const [request] = other.of(325);
    expect(request?.get('b')).toBe('c_REPLY_TOPIC');
    expect(Object.fromEntries(propertiesOf(request as RemotingCommand))).toMatchObject({
      MSG_TYPE: 'reply',
      CORRELATION_ID: 'id',
      REPLY_TO_CLIENT: 'x',
      TTL: '9',
    });
  });

  it('fails when the requester is gone, after one try', async () => {
    const gone = 'push reply message fail, channel of <x> not found.';
    other.on(325, (request) => refused(request, 1, gone));
    const request = received({ CLUSTER: 'c', CORRELATION_ID: 'id', REPLY_TO_CLIENT: 'x' });
    await expect(producer.reply(request, { body })).rejects.toMatchObject({ responseCode: 1, remark: gone });
    expect(other.of(325)).toHaveLength(1);
  });

  it('can not reply to what is no request, or came over a broker that is too old', async () => {
    const cases: Record<string, string>[] = [
      { CLUSTER: 'c' },
      { CORRELATION_ID: 'id', REPLY_TO_CLIENT: 'x' },
    ];
    for (const properties of cases) {
      await expect(producer.reply(received(properties), { body })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        responseCode: 10007,
      });
    }
    expect(isRequest(received({ CORRELATION_ID: 'id', REPLY_TO_CLIENT: 'x' }))).toBe(true);
    expect(isRequest(received({ CLUSTER: 'c' }))).toBe(false);
    const reply = received({ CORRELATION_ID: 'id', REPLY_TO_CLIENT: 'x', MSG_TYPE: 'reply' });
    expect(isRequest(reply)).toBe(false);
    expect(() => createReplyMessage(received({}), { body })).toThrow('is not a request');
  });
});

function received(properties: Record<string, string>): MessageExt {
  const host = encodeHost('127.0.0.1', 10911);
  const encoded = encodeProperties(new Map(Object.entries(properties)));
  const record = encodeRecord({ topic: 'T', body, properties: encoded, bornHost: host, storeHost: host });
  const decoded = decodeRecord(record, 0);
  if (!decoded) throw new Error('no record');
  return new ReceivedMessage(decoded, { brokerName: 'b' });
}
