import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RemotingCommand } from '@nest-rocketmq/protocol';
import {
  routeOf,
  scriptedBroker,
  scriptedNameServer,
  type ScriptedServer,
} from '../../spec-support/scripted-server.ts';
import { DefaultMQProducer, type ProducerOptions } from '../producer/default-mq-producer.ts';

const body = Buffer.from('hello');

/** What the signature of a request has to be, from all that arrived. */
function expected(request: RemotingCommand, secret: string): string {
  const values = [...request.extFields]
    .filter(([key]) => key !== 'Signature')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
  return createHmac('sha1', secret).update(values.join('')).update(request.body).digest('base64');
}

describe('a producer with credentials, a namespace, or both', () => {
  let nameServer: ScriptedServer;
  let broker: ScriptedServer;
  let producer: DefaultMQProducer;

  beforeEach(async () => {
    broker = await scriptedBroker();
    const route = routeOf({ a: broker.address }, 1);
    nameServer = await scriptedNameServer(
      new Map([
        ['one', route],
        ['ns%one', route],
      ]),
    );
  });

  afterEach(async () => {
    await producer.shutdown();
    await Promise.all([nameServer.close(), broker.close()]);
  });

  async function start(options: Partial<ProducerOptions>): Promise<void> {
    producer = new DefaultMQProducer({ group: 'g', nameServer: nameServer.address, ...options });
    await producer.start();
  }

  it('signs everything it sends: to NameServers and brokers, single, batched and one-way', async () => {
    await start({ accessKey: 'rocketmq2', secretKey: '12345678', securityToken: 'token' });
    await producer.send({ topic: 'one', body, properties: { 'quote"\\': 'ä\n€' }, keys: 'k' });
    await producer.sendBatch([
      { topic: 'one', body },
      { topic: 'one', body },
    ]);
    await producer.sendOneway({ topic: 'one', body: Buffer.alloc(10_000, 1) });
    await producer.shutdown();
    const requests = [...nameServer.requests, ...broker.requests];
    expect(new Set(requests.map((request) => request.code))).toEqual(new Set([105, 310, 320, 34, 35]));
    for (const request of requests) {
      expect(request.get('AccessKey')).toBe('rocketmq2');
      expect(request.get('SecurityToken')).toBe('token');
      expect(request.get('Signature')).toBe(expected(request, '12345678'));
    }
    const [sent] = broker.of(310);
    expect(sent?.get('i')).toContain('quote"\\\u0001ä\n€\u0002KEYS\u0001k\u0002');
    expect(broker.of(310).map((request) => request.isOneway)).toEqual([false, true]);
    expect(broker.of(310)[1]?.get('f')).toBe(String(0x301));
  });

  it('sends to the topics of its namespace, and shows them without it', async () => {
    await start({ namespace: 'ns' });
    const result = await producer.send({ topic: 'one', body });
    expect(result.messageQueue).toEqual({ topic: 'one', brokerName: 'a', queueId: 0 });
    await producer.sendBatch([{ topic: 'one', body }], { queue: result.messageQueue });
    await producer.send({ topic: 'one', body }, { selector: ([queue]) => queue ?? result.messageQueue });
    expect(await producer.fetchPublishMessageQueues('one')).toEqual([result.messageQueue]);
    await producer.shutdown();
    const sends = [...broker.of(310), ...broker.of(320)];
    expect(sends.map((request) => [request.get('a'), request.get('b')])).toEqual([
      ['ns%g', 'ns%one'],
      ['ns%g', 'ns%one'],
      ['ns%g', 'ns%one'],
    ]);
    for (const request of sends) expect(request.get('i')).toContain('INSTANCE_ID\u0001ns\u0002');
    expect(broker.of(35)[0]?.get('producerGroup')).toBe('ns%g');
  });

  it('tells a namespace of 5.x in every request, and signs that too', async () => {
    await start({ namespaceV2: 'ns2', accessKey: 'rocketmq2', secretKey: '12345678' });
    await producer.send({ topic: 'one', body });
    for (const request of [...nameServer.of(105), ...broker.of(310)]) {
      expect([request.get('ns'), request.get('nsd')]).toEqual(['ns2', 'true']);
      expect(request.get('Signature')).toBe(expected(request, '12345678'));
    }
    expect(broker.of(310)[0]?.get('b')).toBe('one');
  });

  it('does not start with half of its credentials, nor with a namespace no broker could take', async () => {
    await start({});
    const make = (options: Partial<ProducerOptions>) => () =>
      new DefaultMQProducer({ group: 'g', nameServer: '127.0.0.1:1', ...options });
    expect(make({ accessKey: 'rocketmq2' })).toThrow('belong together');
    expect(make({ secretKey: 'a-secret' })).toThrow(expect.not.stringContaining('a-secret'));
    expect(make({ namespace: 'a%b' })).toThrow('namespace is "a%b"');
  });
});
