import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  consumeChannel,
  sendChannel,
  type ConsumeEvent,
  type DefaultMQProducer,
  type MessageExt,
  type MQAdmin,
  type SendEvent,
} from '@nest-rocketmq/client';
import { ClientCluster, eventually } from './client-cluster.ts';

const nothing = (): void => undefined;
const phases = { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing };

describe('the diagnostics channels of the client', () => {
  let cluster: ClientCluster;
  let producer: DefaultMQProducer;
  let admin: MQAdmin;
  const unsubscribe: (() => void)[] = [];

  beforeAll(async () => {
    cluster = await ClientCluster.start();
    producer = await cluster.producer();
    admin = await cluster.admin();
    for (const topic of ['told', 'listened']) await admin.createTopic({ topic, queueNums: 1 });
  });

  afterEach(() => {
    for (const end of unsubscribe.splice(0)) end();
  });

  afterAll(() => cluster.remove());

  function onSend(subscriber: Partial<Record<keyof typeof phases, (event: SendEvent) => void>>): void {
    const all = { ...phases, ...subscriber };
    sendChannel.subscribe(all);
    unsubscribe.push(() => sendChannel.unsubscribe(all));
  }

  function onConsume(subscriber: Partial<Record<keyof typeof phases, (event: ConsumeEvent) => void>>): void {
    const all = { ...phases, ...subscriber };
    consumeChannel.subscribe(all);
    unsubscribe.push(() => consumeChannel.unsubscribe(all));
  }

  it('are told of a send from its start to its result, and can give its message properties', async () => {
    const told: [string, SendEvent][] = [];
    onSend({
      start: (event) => {
        told.push(['start', event]);
        for (const message of event.messages) message.properties['traceparent'] = '00-a-b-01';
      },
      asyncEnd: (event) => told.push(['asyncEnd', event]),
    });
    const properties = { mine: '1' };
    const sent = await producer.send({ topic: 'told', tags: 't', body: Buffer.from('x'), properties });
    expect(told.map(([phase]) => phase)).toEqual(['start', 'asyncEnd']);
    expect(told[1]?.[1]).toBe(told[0]?.[1]);
    expect(told[1]?.[1]).toMatchObject({
      operation: 'send',
      producerGroup: producer.group,
      clientId: producer.clientId,
      result: { msgId: sent.msgId, sendStatus: 'SEND_OK' },
    });
    const stored = await admin.viewMessage('told', sent.offsetMsgId);
    expect(Object.fromEntries(stored.properties)).toMatchObject({ mine: '1', traceparent: '00-a-b-01' });
    expect(properties).toEqual({ mine: '1' });
  });

  it('are told of batches and of one-way sends', async () => {
    const told: SendEvent[] = [];
    onSend({ asyncEnd: (event) => told.push(event) });
    const message = { topic: 'told', body: Buffer.from('x') };
    await producer.sendBatch([message, message]);
    await producer.sendOneway(message);
    expect(told.map(({ operation, messages }) => [operation, messages.length])).toEqual([
      ['sendBatch', 2],
      ['sendOneway', 1],
    ]);
  });

  it('are told of the error of a send that fails, be it at once', async () => {
    const errors: unknown[] = [];
    onSend({ error: ({ error }) => errors.push(error) });
    const failing = producer.send({ topic: 'told', body: Buffer.alloc(0) });
    await expect(failing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(errors).toEqual([expect.objectContaining({ code: 'INVALID_ARGUMENT' })]);
  });

  it("are around a listener's call, and know what becomes of its messages", async () => {
    const context = new AsyncLocalStorage<string>();
    const ended: ConsumeEvent[] = [];
    onConsume({
      start: (event) => event.around.push((call) => context.run(event.messages[0]?.tags ?? '', call)),
      asyncEnd: (event) => ended.push(event),
    });
    const inside: [string | undefined, string | undefined][] = [];
    await cluster.consumer(
      { listened: '*' },
      { group: 'listeners', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', maxReconsumeTimes: 1 },
      async (message: MessageExt) => {
        await Promise.resolve();
        inside.push([message.tags, context.getStore()]);
        if (message.tags === 'bad') throw new Error('bad');
      },
    );
    await producer.send({ topic: 'listened', tags: 'good', body: Buffer.from('x') });
    await producer.send({ topic: 'listened', tags: 'bad', body: Buffer.from('x') });
    await eventually(async () => ended.length === 3);
    expect(inside.every(([tag, store]) => tag === store)).toBe(true);
    const facts = ended.map(({ messages, outcomes, error }) => [messages[0]?.tags, outcomes?.[0], !!error]);
    expect(facts.filter(([tag]) => tag === 'good')).toEqual([['good', 'consumed', false]]);
    expect(facts.filter(([tag]) => tag === 'bad')).toEqual([
      ['bad', 'retry', true],
      ['bad', 'dead-letter', true],
    ]);
    expect(ended[0]).toMatchObject({
      consumerGroup: 'listeners',
      messageModel: 'CLUSTERING',
      orderly: false,
      messageQueue: { topic: 'listened', brokerName: 'broker-a', queueId: 0 },
    });
  });
});
