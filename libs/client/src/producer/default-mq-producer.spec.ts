import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeBatch,
  MQVersion,
  type RemotingCommand,
  ResponseCode,
  SendMessageV2,
  type TopicRouteData,
} from '@nest-rocketmq/protocol';
import {
  ok,
  refused,
  routeOf,
  scriptedBroker,
  scriptedNameServer,
  type ScriptedServer,
} from '../../spec-support/scripted-server.ts';
import { SendError } from '../errors.ts';
import { DefaultMQProducer, type ProducerOptions } from './default-mq-producer.ts';
import { hashSelector } from './hash-selector.ts';

const body = Buffer.from('hello');

describe('DefaultMQProducer', () => {
  let routes: Map<string, TopicRouteData>;
  let nameServer: ScriptedServer;
  let a: ScriptedServer;
  let b: ScriptedServer;
  const producers: DefaultMQProducer[] = [];

  beforeEach(async () => {
    a = await scriptedBroker();
    b = await scriptedBroker();
    routes = new Map([
      ['one', routeOf({ a: a.address })],
      ['two', routeOf({ a: a.address, b: b.address }, 1)],
    ]);
    nameServer = await scriptedNameServer(routes);
  });

  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.shutdown()));
    await Promise.all([nameServer.close(), a.close(), b.close()]);
  });

  async function started(options: Partial<ProducerOptions> = {}): Promise<DefaultMQProducer> {
    const producer = new DefaultMQProducer({ group: 'g', nameServer: nameServer.address, ...options });
    producers.push(producer);
    await producer.start();
    return producer;
  }

  it('sends a message with the header Java sends, and gives the result of its answer', async () => {
    const producer = await started();
    const properties = { 'quote"\\': 'ä\n€' };
    const result = await producer.send({
      topic: 'one',
      tags: 't',
      keys: ['k1', 'k2'],
      body,
      properties,
      flag: 7,
    });

    const [request] = a.of(310);
    const header = SendMessageV2.request.decode(request as NonNullable<typeof request>);
    expect(header).toMatchObject({
      producerGroup: 'g',
      topic: 'one',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      sysFlag: 0,
      flag: 7,
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      brokerName: 'a',
    });
    expect(header.properties).toBe(
      `quote"\\\u0001ä\n€\u0002KEYS\u0001k1 k2\u0002TAGS\u0001t\u0002WAIT\u0001true\u0002UNIQ_KEY\u0001${result.msgId}\u0002`,
    );
    expect(request?.language).toBe('OTHER');
    expect(request?.body).toEqual(body);
    expect(result).toEqual({
      sendStatus: 'SEND_OK',
      msgId: expect.stringMatching(/^[0-9A-F]{32}$/),
      offsetMsgId: '7F00000100002A9F0000000000000000',
      messageQueue: { topic: 'one', brokerName: 'a', queueId: header.queueId },
      queueOffset: 0,
      transactionId: undefined,
      regionId: 'DefaultRegion',
      traceOn: true,
      recallHandle: undefined,
    });
  });

  it('goes round the queues', async () => {
    const producer = await started();
    const results = [];
    for (let i = 0; i < 8; i++) results.push(await producer.send({ topic: 'one', body }));
    const ids = results.map((result) => result.messageQueue.queueId);
    expect(new Set(ids.slice(0, 4)).size).toBe(4);
    expect(ids.slice(4)).toEqual(ids.slice(0, 4));
  });

  it('gives every stored status as a result', async () => {
    const producer = await started();
    for (const [code, status] of [
      [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
      [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
      [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
    ] as const) {
      a.on(310, (request) => {
        const response = ok(request, { msgId: 'x', queueId: '0', queueOffset: '1' });
        response.code = code;
        return response;
      });
      expect((await producer.send({ topic: 'one', body })).sendStatus).toBe(status);
    }
  });

  it('tries another broker after a code of the retry list, and tells of all tries when none works', async () => {
    const producer = await started();
    a.on(310, (request) => refused(request, ResponseCode.SYSTEM_ERROR, 'broken'));
    for (let i = 0; i < 4; i++) {
      expect((await producer.send({ topic: 'two', body })).messageQueue.brokerName).toBe('b');
    }
    b.on(310, (request) => refused(request, ResponseCode.SERVICE_NOT_AVAILABLE, 'disk full'));
    const error = await producer.send({ topic: 'two', body }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SendError);
    const { attempts, code, responseCode, message } = error as SendError;
    expect(attempts).toHaveLength(3);
    expect(attempts[0]?.queue.brokerName).not.toBe(attempts[1]?.queue.brokerName);
    expect(code).toBe('REMOTE');
    expect([1, 14]).toContain(responseCode);
    expect(message).toContain('after 3 attempt(s)');
    expect(message).toContain(a.address);
  });

  it('tries another broker after a status that is not SEND_OK only when it is told to', async () => {
    const late = (request: RemotingCommand) => {
      const response = ok(request, { msgId: 'x', queueId: '0', queueOffset: '1' });
      response.code = ResponseCode.FLUSH_DISK_TIMEOUT;
      return response;
    };
    a.on(310, late);
    const producer = await started({ retryAnotherBrokerWhenNotStoreOK: true });
    for (let i = 0; i < 4; i++) {
      const result = await producer.send({ topic: 'two', body });
      expect(result).toMatchObject({ sendStatus: 'SEND_OK', messageQueue: { brokerName: 'b' } });
    }
    b.on(310, late);
    // When no broker does better, it is a result all the same: the message is stored.
    expect((await producer.send({ topic: 'two', body })).sendStatus).toBe('FLUSH_DISK_TIMEOUT');
  });

  it('leaves a failing broker out for a while when sendLatencyFaultEnable is on', async () => {
    const producer = await started({ sendLatencyFaultEnable: true });
    a.on(310, (request) => refused(request, ResponseCode.SYSTEM_ERROR, 'broken'));
    for (let i = 0; i < 10; i++) await producer.send({ topic: 'two', body });
    expect(a.of(310).length).toBeLessThanOrEqual(1);
    expect(b.of(310)).toHaveLength(10);
  });

  it('fails at once when more sends are in flight than it may have', async () => {
    const producer = await started({ maxInFlight: 2 });
    await producer.send({ topic: 'one', body });
    const sends = [1, 2, 3].map(() => producer.send({ topic: 'one', body }));
    await expect(sends[2]).rejects.toMatchObject({ code: 'OVERLOADED' });
    await Promise.all(sends.slice(0, 2));
    expect((await producer.send({ topic: 'one', body })).sendStatus).toBe('SEND_OK');
  });

  it('throws at once what another try would not change', async () => {
    const producer = await started();
    a.on(310, (request) => refused(request, ResponseCode.MESSAGE_ILLEGAL, 'too long'));
    await expect(producer.send({ topic: 'one', body })).rejects.toMatchObject({
      code: 'REMOTE',
      responseCode: ResponseCode.MESSAGE_ILLEGAL,
      remark: 'too long',
      address: a.address,
    });
    expect(a.of(310)).toHaveLength(1);
  });

  it('makes one try with a queue that the caller chose', async () => {
    const producer = await started();
    a.on(310, (request) => refused(request, ResponseCode.SYSTEM_BUSY, 'busy'));
    const queue = { topic: 'one', brokerName: 'a', queueId: 2 };
    await expect(producer.send({ topic: 'one', body }, { queue })).rejects.toMatchObject({ responseCode: 2 });
    expect(a.of(310).map((request) => request.get('e'))).toEqual(['2']);
    await expect(producer.send({ topic: 'one', body }, { queue, retries: 2 })).rejects.toMatchObject({
      responseCode: 2,
    });
    expect(a.of(310)).toHaveLength(4);
  });

  it('keeps messages of one key in one queue, the one Java would choose', async () => {
    const producer = await started();
    const send = (arg: string) => producer.send({ topic: 'one', body }, { selector: hashSelector, arg });
    // "order-17".hashCode() is -1222045053 in Java: % 4 is -1.
    expect((await send('order-17')).messageQueue.queueId).toBe((await send('order-17')).messageQueue.queueId);
    expect((await send('a')).messageQueue.queueId).toBe(97 % 4);
  });

  it('fails with the budget, not with the sum of the tries', async () => {
    const producer = await started({ sendMsgTimeout: 300 });
    a.on(310, () => new Promise(() => undefined));
    const begin = Date.now();
    await expect(producer.send({ topic: 'one', body })).rejects.toMatchObject({
      code: 'TIMEOUT',
      address: a.address,
    });
    expect(Date.now() - begin).toBeLessThan(1500);
  });

  it('tries the next broker when a connection is lost, and reports a broker that is gone', async () => {
    const producer = await started();
    a.on(310, (_request, connection) => {
      connection.close('dead');
      return undefined;
    });
    expect((await producer.send({ topic: 'two', body })).messageQueue.brokerName).toBe('b');
    await b.close();
    await expect(producer.send({ topic: 'two', body })).rejects.toMatchObject({
      code: expect.stringMatching(/^CONNECT/),
    });
  });

  it('stops waiting when the signal is aborted', async () => {
    const producer = await started();
    a.on(310, () => new Promise(() => undefined));
    const abort = new AbortController();
    const sending = producer.send({ topic: 'one', body }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(producer.send({ topic: 'one', body }, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('sends one-way without waiting', async () => {
    const producer = await started();
    const arrived = new Promise<boolean>((resolve) => {
      a.on(310, (request) => {
        resolve(request.isOneway);
        return undefined;
      });
    });
    await producer.sendOneway({ topic: 'one', body });
    expect(await arrived).toBe(true);
    const aborted = producer.sendOneway({ topic: 'one', body }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(a.of(310)).toHaveLength(1);
  });

  it('compresses bodies from 4096 bytes on', async () => {
    const producer = await started();
    const small = Buffer.alloc(4095, 'x');
    const large = Buffer.alloc(4096, 'x');
    const huge = Buffer.alloc(100_000, 'y');
    for (const bytes of [small, large, huge]) await producer.send({ topic: 'one', body: bytes });
    const [first, second, third] = a.of(310);
    expect(first?.get('f')).toBe('0');
    expect(first?.body).toEqual(small);
    expect(second?.get('f')).toBe(String(0x301));
    expect(inflateSync(second?.body as Buffer)).toEqual(large);
    expect(inflateSync(third?.body as Buffer)).toEqual(huge);
  });

  it('sends a batch as one request with an id for each message', async () => {
    const producer = await started();
    const messages = ['x', 'y', 'z'].map((text) => ({ topic: 'one', tags: text, body: Buffer.from(text) }));
    const result = await producer.sendBatch(messages);
    const [request] = a.of(320);
    expect(request?.get('m')).toBe('true');
    const parts = decodeBatch(request?.body as Buffer);
    expect(parts.map((part) => part.body.toString())).toEqual(['x', 'y', 'z']);
    expect(parts.map((part) => part.properties.get('TAGS'))).toEqual(['x', 'y', 'z']);
    expect(result.msgId.split(',')).toEqual(parts.map((part) => part.properties.get('UNIQ_KEY')));
  });

  it('refuses a batch that a broker would refuse', async () => {
    const producer = await started();
    const batch = (...more: object[]) =>
      producer.sendBatch(more.map((one) => ({ topic: 'one', body, ...one })));
    await expect(batch()).rejects.toThrow('at least one');
    await expect(batch({}, { topic: 'two' })).rejects.toThrow('same topic');
    await expect(batch({}, { waitStoreMsgOK: false })).rejects.toThrow('waitStoreMsgOK');
    await expect(batch({}, { delayLevel: 3 })).rejects.toThrow('delayed');
    await expect(batch({ body: Buffer.alloc(3_000_000) }, { body: Buffer.alloc(3_000_000) })).rejects.toThrow(
      'limit',
    );
    await expect(batch({ properties: { x: 'a\u0002y\u0001b' } })).rejects.toThrow('U+0001 or U+0002');
    await expect(batch({ keys: 'a\u0001b' })).rejects.toThrow('U+0001 or U+0002');
    await expect(batch({ topic: '%RETRY%g' })).rejects.toThrow('retry topic');
    expect(a.of(320)).toHaveLength(0);
  });

  it.each([
    ['a blank topic', { topic: ' ' }],
    ['a path', { topic: '../x' }],
    ['a topic of 128 characters', { topic: 'x'.repeat(128) }],
    ["a topic of the broker's own", { topic: 'SCHEDULE_TOPIC_XXXX' }],
    ['an empty body', { body: Buffer.alloc(0) }],
    ['a body above 4 MiB', { body: Buffer.alloc(4 * 1024 * 1024 + 1) }],
    ['a reserved property', { properties: { UNIQ_KEY: 'x' } }],
    ['a separator in a property', { properties: { x: 'a\u0001b' } }],
    ['properties above 32767 bytes', { properties: { x: 'y'.repeat(32_767) } }],
  ])('refuses %s before anything is sent', async (_name, change) => {
    const producer = await started();
    await expect(producer.send({ topic: 'one', body, ...change })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      responseCode: ResponseCode.MESSAGE_ILLEGAL,
    });
    expect(a.of(310)).toHaveLength(0);
  });

  it('tells the versions of the brokers of a topic, but of those that do not answer', async () => {
    const producer = await started({ mqClientApiTimeout: 500 });
    a.on(34, (request) => Object.assign(ok(request), { version: MQVersion.V4_9_7 }));
    await b.close();
    expect(await producer.fetchBrokerVersions('two')).toEqual(new Map([['a', MQVersion.V4_9_7]]));
  });

  it('sends to a topic that does not exist yet by the route of TBW102', async () => {
    const producer = await started({ defaultTopicQueueNums: 2 });
    routes.set('TBW102', routeOf({ a: a.address }, 8, 7));
    expect(await producer.fetchPublishMessageQueues('new')).toHaveLength(2);
    await producer.send({ topic: 'new', body });
    expect(a.of(310)[0]?.get('d')).toBe('2');
  });

  it('names the topic, the NameServer and what to do when there is no route', async () => {
    const producer = await started();
    await expect(producer.send({ topic: 'unknown', body })).rejects.toMatchObject({
      code: 'NO_ROUTE',
      responseCode: 10005,
      message:
        `No route info of this topic: unknown (nameServer ${nameServer.address}). ` +
        'Create it with mqadmin updateTopic, or turn on autoCreateTopicEnable',
    });
  });

  it('says when a topic can only be read', async () => {
    const producer = await started();
    routes.set('readonly', routeOf({ a: a.address }, 4, 4));
    await expect(producer.send({ topic: 'readonly', body })).rejects.toMatchObject({ code: 'NO_BROKER' });
  });

  it('starts without a NameServer, names it in its errors, and works once it is there', async () => {
    await nameServer.close();
    const producer = await started();
    await expect(producer.checkNameServer(500)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining(nameServer.address),
    });
    await expect(producer.send({ topic: 'one', body })).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });

  it('can only be used between start and shutdown', async () => {
    const producer = new DefaultMQProducer({ group: 'g', nameServer: nameServer.address });
    await expect(producer.send({ topic: 'one', body })).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await producer.start();
    await producer.start();
    await producer.send({ topic: 'one', body });
    await producer.shutdown();
    await producer.shutdown();
    expect(a.of(35).map((request) => request.get('producerGroup'))).toEqual(['g']);
    await expect(producer.send({ topic: 'one', body })).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await expect(producer.start()).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  it('refuses options that can not work', () => {
    const make = (options: Partial<ProducerOptions>) => () =>
      new DefaultMQProducer({ group: 'g', nameServer: 'a:1', ...options });
    expect(make({ nameServer: '' })).toThrow('No NameServer is given');
    expect(make({ nameServer: 'a:1;b' })).toThrow('"b" is not host:port');
    expect(make({ group: 'DEFAULT_PRODUCER' })).toThrow("can't be used");
    expect(make({ group: 'a b' })).toThrow('illegal characters');
    expect(make({ sendMsgTimeout: 0 })).toThrow('sendMsgTimeout');
  });

  it('tells brokers of its group as soon as it knows them', async () => {
    const heard = new Promise<string>((resolve) => {
      a.on(34, (request) => {
        resolve(request.body.toString());
        return ok(request);
      });
    });
    const producer = await started();
    await producer.send({ topic: 'one', body });
    expect(JSON.parse(await heard)).toMatchObject({
      clientID: producer.clientId,
      producerDataSet: [{ groupName: 'g' }],
      consumerDataSet: [],
    });
  });

  it('shares its connections with others of the same settings', async () => {
    const first = await started();
    const second = await started({ group: 'h' });
    const sameGroup = await started();
    expect(second.clientId).toBe(first.clientId);
    expect(sameGroup.clientId).not.toBe(first.clientId);
    await Promise.all([first, second].map((producer) => producer.send({ topic: 'one', body })));
    expect(a.connections.size).toBe(1);
  });
});
