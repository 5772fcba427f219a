import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  message,
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type MessageExt,
  type SendResult,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';

/** Java's hash of the key `a`, modulo the four queues of a topic. */
const QUEUE_OF_A = 1;
/** Of the property block of one small message in a batch, generously. */
const KIB = 1024;

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'parity-quotes',
  topic: 'parity-price',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class Quotes {
  onMessage(@Payload() question: { sku: string }): { price: number } {
    return { price: question.sku.length };
  }
}

/** A callback of Java's template as a promise. */
function callback<T>(
  start: (callback: { onSuccess(value: T): void; onException(error: unknown): void }) => void,
) {
  return new Promise<T>((onSuccess, onException) => start({ onSuccess, onException }));
}

describe('every method family of RocketMQTemplate', () => {
  let cluster: TestCluster;
  let app: TestingModule;
  let template: RocketMQTemplate;
  let topics = 0;
  let topic: string;

  beforeAll(async () => {
    cluster = await TestCluster.start({
      topics: ['parity-price', 'parity-pull'],
      broker: { recallMessageEnable: true },
    });
    const options = cluster.options({
      producer: { group: 'parity', maxMessageSize: 64 * KIB },
      pullConsumer: {
        group: 'parity-pull',
        topic: 'parity-pull',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      },
      defaultDestination: 'parity-default:tag',
    });
    app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(options)],
      providers: [Quotes],
    }).compile();
    app.useLogger(false);
    await app.init();
    template = app.get(RocketMQTemplate);
  });

  afterAll(async () => {
    await app?.close();
    await cluster?.stop();
  });

  async function freshTopic(): Promise<string> {
    topic = `parity-${++topics}`;
    await cluster.createTopic(topic);
    return topic;
  }

  /** What is in the topic, once there are so many. */
  async function stored(count: number, of = topic): Promise<MessageExt[]> {
    for (;;) {
      const messages = await cluster.messages(of);
      if (messages.length >= count) return messages;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const bodies = async (count: number) => (await stored(count)).map(({ body }) => body.toString());
  const ok = { sendStatus: 'SEND_OK' };

  describe('syncSend', () => {
    it('(destination, message)', async () => {
      const sent = message({ id: 1 }, { KEYS: 'k1 k2', colour: 'blue', FLAG: 9 });
      expect(await template.syncSend(`${await freshTopic()}:tag`, sent)).toMatchObject(ok);
      const [received] = await stored(1);
      expect(received).toMatchObject({ tags: 'tag', keys: ['k1', 'k2'], flag: 9 });
      expect(received?.properties.get('colour')).toBe('blue');
      expect(received?.properties.get('contentType')).toBe('application/json');
    });

    it('(destination, payload), (destination, payload, timeout)', async () => {
      await freshTopic();
      expect(await template.syncSend(topic, 'text')).toMatchObject(ok);
      expect(await template.syncSend(topic, Buffer.from('bytes'), 2000)).toMatchObject(ok);
      expect(await bodies(2)).toEqual(['text', 'bytes']);
    });

    it('(destination, message, timeout, delayLevel)', async () => {
      await template.syncSend(await freshTopic(), message('later'), 0, 16);
      expect(await cluster.messages(topic)).toEqual([]);
      await cluster.advance('31m');
      expect(await bodies(1)).toEqual(['later']);
    });

    it('(destination, collection), (destination, collection, timeout)', async () => {
      await freshTopic();
      const result = await template.syncSend(`${topic}:t`, [message('a', { KEYS: '1' }), message('b')], '3s');
      expect(result.msgId.split(',')).toHaveLength(2);
      expect(await bodies(2)).toEqual(['a', 'b']);
      expect((await stored(2)).map(({ tags, keys }) => [tags, ...keys])).toEqual([['t', '1'], ['t']]);
      expect((await stored(2)).map(({ msgId }) => msgId)).toEqual(result.msgId.split(','));
      await expect(template.syncSend(topic, [])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });
  });

  it('syncSendOrderly: message, payload, collection; time-out and delay level', async () => {
    await freshTopic();
    const results = [
      await template.syncSendOrderly(topic, message('a'), 'a'),
      await template.syncSendOrderly(topic, 'b', 'a', 3000),
      await template.syncSendOrderly(topic, [message('c'), message('d')], 'a'),
      await template.syncSendOrderly(topic, message('e'), 'a', 0, 1),
    ];
    expect(results.map(({ messageQueue }) => messageQueue.queueId)).toEqual(Array(4).fill(QUEUE_OF_A));
    await cluster.advance('2s');
    expect(await bodies(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await stored(5)).map(({ queueId }) => queueId)).toEqual(Array(5).fill(QUEUE_OF_A));
  });

  it('syncSendDelayTimeSeconds, syncSendDelayTimeMills, syncSendDeliverTimeMills', async () => {
    await freshTopic();
    await template.syncSendDelayTimeSeconds(topic, 'seconds', 90);
    await template.syncSendDelayTimeMills(topic, message('milliseconds'), 100_000);
    await template.syncSendDeliverTimeMills(topic, 'at', cluster.now() + 110_000);
    await cluster.advance('80s');
    expect(await cluster.messages(topic)).toEqual([]);
    await cluster.advance('40s');
    expect(await bodies(3)).toEqual(['seconds', 'milliseconds', 'at']);
    await expect(template.syncSendDelayTimeSeconds(topic, 'x', -1)).rejects.toThrow('Not a duration');
    await expect(template.syncSendDeliverTimeMills(topic, 'x', 0)).rejects.toThrow('deliverAt');
  });

  it('asyncSend: callback, or promise; time-out, delay level, collection', async () => {
    await freshTopic();
    expect(await callback<SendResult>((told) => template.asyncSend(topic, 'a', told))).toMatchObject(ok);
    expect(
      await callback<SendResult>((told) => template.asyncSend(topic, message('b'), told, 3000, 1)),
    ).toMatchObject(ok);
    expect(
      await callback<SendResult>((told) => template.asyncSend(topic, [message('c')], told)),
    ).toMatchObject(ok);
    expect(await template.asyncSend(topic, 'd')).toMatchObject(ok);
    await cluster.advance('2s');
    expect((await bodies(4)).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    await expect(callback((told) => template.asyncSend('no topic', 'x', told))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('asyncSendOrderly: callback, or promise; time-out, delay level', async () => {
    await freshTopic();
    const queueId = { messageQueue: { queueId: QUEUE_OF_A } };
    expect(
      await callback<SendResult>((told) => template.asyncSendOrderly(topic, 'a', 'a', told, '3s')),
    ).toMatchObject(queueId);
    expect(await template.asyncSendOrderly(topic, message('b'), 'a')).toMatchObject(queueId);
    expect(await bodies(2)).toEqual(['a', 'b']);
  });

  it('sendOneWay, sendOneWayOrderly', async () => {
    await freshTopic();
    template.sendOneWay(topic, message('a', { KEYS: 'k' }));
    template.sendOneWayOrderly(topic, 'b', 'a');
    const received = await stored(2);
    expect(received.find(({ body }) => body.toString() === 'a')?.keys).toEqual(['k']);
    expect(received.find(({ body }) => body.toString() === 'b')?.queueId).toBe(QUEUE_OF_A);
  });

  describe('sendAndReceive', () => {
    it('(destination, payload, options): the reply', async () => {
      expect(await template.sendAndReceive('parity-price', { sku: 'abc' }, { timeout: '15s' })).toEqual({
        price: 3,
      });
      const ordered = { hashKey: 'a', timeout: '15s', replyType: 'text' } as const;
      expect(await template.sendAndReceive('parity-price', message({ sku: 'ab' }), ordered)).toBe(
        '{"price":2}',
      );
    });

    it('(destination, payload, callback, options): told of the reply', async () => {
      const reply = await callback<{ price: number }>((told) =>
        template.sendAndReceive<string, { price: number }>('parity-price', { sku: 'a' }, told, {
          timeout: 15_000,
        }),
      );
      expect(reply.price).toBe(1);
    });

    it('fails with 10006 when nobody replies in time', async () => {
      await expect(
        template.sendAndReceive(await freshTopic(), 'hello?', { timeout: 100 }),
      ).rejects.toMatchObject({ code: 'TIMEOUT', responseCode: 10_006 });
    });
  });

  it('receive: none in time, and the payloads that are there', async () => {
    expect(await template.receive({ timeout: 1 })).toEqual([]);
    await template.send('parity-pull', { id: 1 });
    const received: unknown[] = [];
    while (received.length === 0) received.push(...(await template.receive({ timeout: '1s' })));
    expect(received).toEqual([{ id: 1 }]);
    await expect(template.receive({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('send and convertAndSend: payload, headers, post-processor, default destination', async () => {
    await freshTopic();
    await template.send(topic, message('a', { h: 1 }));
    await template.convertAndSend(`${topic}:t`, 'b', { h: 2 });
    await template.convertAndSend(topic, 'c', { h: 3 }, ({ payload, headers }) =>
      message(payload, { ...headers, more: true }),
    );
    expect((await stored(3)).map(({ properties }) => properties.get('h'))).toEqual(['1', '2', '3']);
    expect((await stored(3))[2]?.properties.get('more')).toBe('true');
    await template.convertAndSend('to where the module says');
    expect(await stored(1, 'parity-default')).toMatchObject([{ tags: 'tag' }]);
  });

  it('the accessors: producer, pull consumer, converter, default destination', async () => {
    await freshTopic();
    await template.producer.send({ topic, body: Buffer.from('raw') });
    expect(await bodies(1)).toEqual(['raw']);
    expect(await template.pullConsumer.poll(0)).toEqual([]);
    expect(String(template.converter.toBody({ id: 1 }).body)).toBe('{"id":1}');
    expect(template.defaultDestination).toBe('parity-default:tag');
  });

  describe("what Java's lacks", () => {
    it('a batch larger than a request is split, in order', async () => {
      await freshTopic();
      const payloads = Array.from({ length: 10 }, (_, index) => `${index}`.padEnd(20 * KIB, '.'));
      const results = await template.sendBatch(topic, payloads, { hashKey: 'a' });
      expect(results).toHaveLength(4);
      expect((await bodies(10)).map((body) => Number.parseInt(body, 10))).toEqual([...payloads.keys()]);
    });

    it('a delayed message is recalled', async () => {
      await freshTopic();
      const { recallHandle = '' } = await template.send(topic, 'never', { delay: '5m', recallable: true });
      await template.send(topic, 'kept', { delay: '6m' });
      await template.recall(topic, recallHandle, { timeout: '3s' });
      await cluster.advance('10m');
      expect(await bodies(1)).toEqual(['kept']);
    });

    it('a queue is chosen, delays go one way and with a hash key', async () => {
      await freshTopic();
      await template.send(topic, 'chosen', { queue: 3 });
      await template.send(topic, 'function', { queue: (queues) => queues.at(-1) ?? never() });
      template.sendOneWay(topic, 'one way', { delay: '90s' });
      await template.send(topic, 'ordered', { delay: '2m', hashKey: 'a' });
      expect((await stored(2)).map(({ queueId }) => queueId)).toEqual([3, 3]);
      // The one-way send is written by another turn of the event loop.
      await template.send(topic, 'x', { hashKey: 'a' });
      await cluster.advance('3m');
      expect(await bodies(5)).toEqual(['chosen', 'function', 'x', 'one way', 'ordered']);
    });

    it('a call ends by its time-out or its signal', async () => {
      await freshTopic();
      const abort = AbortSignal.abort('enough');
      const aborted = { code: 'ABORTED' };
      await expect(template.send(topic, 'x', { signal: abort })).rejects.toMatchObject(aborted);
      await expect(template.sendBatch(topic, ['x'], { signal: abort })).rejects.toMatchObject(aborted);
      await expect(template.sendAndReceive(topic, 'x', { signal: abort })).rejects.toMatchObject(aborted);
      await expect(template.recall(topic, 'x', { signal: abort })).rejects.toMatchObject(aborted);
      await expect(template.send(topic, 'x', { timeout: 'soon' })).rejects.toThrow('Not a duration');
    });

    it('headers that Java drops, or fails on, are refused by name', async () => {
      await freshTopic();
      for (const header of ['TAGS', 'DELAY', 'TRAN_MSG', 'UNIQ_KEY', 'CORRELATION_ID', ' ']) {
        const sent = template.send(topic, message('x', { [header]: 'v' }));
        await expect(sent).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
      await expect(template.send(topic, message('x', { blank: ' ' }))).rejects.toThrow('"blank"');
      await expect(template.send(topic, message('x', { bell: 'a\u0001b' }))).rejects.toThrow('U+0001');
      expect(await cluster.messages(topic)).toEqual([]);
    });
  });
});

function never(): never {
  throw new Error('there is no queue');
}
