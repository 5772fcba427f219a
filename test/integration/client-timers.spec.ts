import { ManualClock } from '@nest-rocketmq/runtime';
import { encodeRecallHandle } from '@nest-rocketmq/protocol';
import type { DefaultMQProducer } from '@nest-rocketmq/client';
import { ClientCluster, type Collector } from './client-cluster.ts';

const body = Buffer.from('x');

describe('delayed messages of our client', () => {
  let cluster: ClientCluster;
  let clock: ManualClock;
  let producer: DefaultMQProducer;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    cluster = new ClientCluster();
    await cluster.startNameServer();
    await cluster.startBroker('broker-a', { recallMessageEnable: true }, { storeClock: clock });
    producer = await cluster.producer();
  });

  afterEach(() => cluster.remove());

  /** Lets so much of the store's time pass, and waits for as many messages. */
  async function passed(ms: number, collector: Collector, count: number): Promise<string[]> {
    await clock.advanceAsync(ms, 100);
    await collector.count(count);
    return collector.bodies;
  }

  it('come at their times', async () => {
    await producer.send({ topic: 'timers', body: Buffer.from('90 s'), delayTimeSec: 90 });
    await producer.send({ topic: 'timers', body: Buffer.from('a minute'), delayTimeMs: 60_000 });
    await producer.send({ topic: 'timers', body: Buffer.from('two'), deliverTimeMs: clock.now() + 120_000 });
    const collector = await cluster.consumer({ timers: '*' });
    expect(await passed(60_100, collector, 1)).toEqual(['a minute']);
    expect(await passed(30_000, collector, 2)).toEqual(['a minute', '90 s']);
    expect(await passed(30_000, collector, 3)).toEqual(['a minute', '90 s', 'two']);
  });

  it('can be taken back until then', async () => {
    const sent = await producer.send({ topic: 'timers', body, delayTimeMs: 60_000 });
    await producer.send({ topic: 'timers', body: Buffer.from('other'), delayTimeMs: 60_001 });
    expect(await producer.recallMessage('timers', sent.recallHandle ?? '')).toBe(sent.msgId);
    const collector = await cluster.consumer({ timers: '*' });
    expect(await passed(62_000, collector, 1)).toEqual(['other']);
    await expect(producer.recallMessage('timers', sent.recallHandle ?? '')).rejects.toMatchObject({
      code: 'REMOTE',
      responseCode: 604,
    });
  });

  it('have no handle when they wait on a level', async () => {
    const sent = await producer.send({ topic: 'timers', body, delayLevel: 1 });
    expect(sent.recallHandle).toBeUndefined();
  });

  it('are refused a recall that can never work', async () => {
    await producer.send({ topic: 'timers', body });
    const handle = encodeRecallHandle({ topic: 't', brokerName: 'b', timestamp: '1', messageId: 'm' });
    await expect(producer.recallMessage('timers', 'nonsense')).rejects.toThrow('recallHandle');
    await expect(producer.recallMessage('%RETRY%group', handle)).rejects.toThrow('retries or dead letters');
    await expect(producer.recallMessage('no topic', handle)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(producer.recallMessage('timers', handle)).rejects.toThrow('topic not match');
    await cluster.stopBroker();
    await expect(producer.recallMessage('timers', handle)).rejects.toMatchObject({
      code: expect.stringMatching(/CONNECT_FAILED|NO_BROKER|NO_ROUTE/),
    });
  });

  it('are refused in a batch', async () => {
    const batch = [{ topic: 'timers', body, delayTimeSec: 1 }];
    await expect(producer.sendBatch(batch)).rejects.toThrow('can not be in a batch');
  });
});
