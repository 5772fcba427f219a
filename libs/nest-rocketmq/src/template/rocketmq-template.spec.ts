import { RocketMQError, silentLogger } from '@nest-rocketmq/runtime';
import { jest } from '@jest/globals';
import { MQVersion } from '@nest-rocketmq/client';
import { FakeProducer, received } from '../../test/fake-clients.ts';
import { DefaultMessageConverter } from '../conversion/message-converter.ts';
import { TransactionListeners } from '../transaction/transaction-listeners.ts';
import { PartialBatchError } from './batch.ts';
import { message, type Request } from './events.ts';
import { RocketMQTemplate, type TemplateConnection } from './rocketmq-template.ts';

describe('RocketMQTemplate', () => {
  const warn = jest.fn();
  let producer: FakeProducer;
  let template: RocketMQTemplate;

  beforeEach(() => {
    warn.mockReset();
    producer = new FakeProducer({ group: 'g', nameServer: 'n:1' }, []);
    template = new RocketMQTemplate(connection());
  });

  function connection(): TemplateConnection {
    const transactions = new TransactionListeners();
    const listener = { checkLocalTransaction: () => 'COMMIT' as const };
    transactions.add({ className: 'Checker', name: 'c', topics: undefined, listener });
    return {
      producer,
      pullConsumer: { poll: async () => [] },
      converter: new DefaultMessageConverter(),
      maxMessageSize: 1000,
      transactions,
      logger: { ...silentLogger, warn },
    };
  }

  const sent = () => producer.sent.at(-1)?.message;

  describe('payloads', () => {
    it.each([
      ['text', 'café', 'café', 'text/plain;charset=UTF-8'],
      ['bytes', Buffer.from([0, 1, 255]), Buffer.from([0, 1, 255]), 'application/octet-stream'],
      ['an object', { id: 7, nothing: null }, '{"id":7,"nothing":null}', 'application/json'],
      ['a number', 42, '42', 'application/json'],
      ['an array', ['a', 1, true], '["a",1,true]', 'application/json'],
      ['null', null, 'null', 'application/json'],
    ])('sends %s as rocketmq-spring does', async (_name, payload, body, contentType) => {
      await template.send('order', payload);
      expect(Buffer.from(sent()?.body ?? '').equals(Buffer.from(body))).toBe(true);
      expect(sent()?.properties).toEqual({ contentType });
    });

    it.each([
      ['undefined', undefined],
      ['empty text', ''],
      ['no bytes', Buffer.alloc(0)],
      ['a function', () => 1],
      ['a symbol', Symbol('n')],
    ])('refuses %s, naming the destination', async (_name, payload) => {
      await expect(template.send('order:created', payload)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      expect(producer.sent).toEqual([]);
    });

    it('lets the call bring its own converter', async () => {
      const converter = { toBody: () => ({ body: Buffer.from('x'), contentType: 'a/b' }), fromBody: () => 0 };
      await template.send('order', { any: 1 }, { converter });
      expect(sent()).toMatchObject({ body: Buffer.from('x'), properties: { contentType: 'a/b' } });
    });
  });

  describe('destinations', () => {
    it.each([
      ['order', 'order', undefined],
      ['order:created', 'order', 'created'],
      ['order:a:b', 'order', 'a:b'],
      ['order:', 'order', undefined],
    ])('splits %s', async (destination, topic, tags) => {
      await template.send(destination, 1);
      expect(sent()?.topic).toBe(topic);
      expect(sent()?.tags).toBe(tags);
    });

    it.each(['', ':created'])('refuses %j', async (destination) => {
      await expect(template.send(destination, 1)).rejects.toThrow("Give 'topic' or 'topic:tag'");
    });

    it('lets the option tag win over the destination', async () => {
      await template.send('order:created', 1, { tag: 'paid' });
      expect(sent()?.tags).toBe('paid');
    });
  });

  describe('headers', () => {
    it('makes user properties of them, those of the options winning', async () => {
      const headers = { trace: 't', attempt: 5, big: 2n, yes: true, gone: undefined };
      await template.send('order', message('x', headers), { headers: { trace: 'u' } });
      expect(sent()?.properties).toEqual({
        contentType: 'text/plain;charset=UTF-8',
        trace: 'u',
        attempt: '5',
        big: '2',
        yes: 'true',
      });
    });

    it('sets keys, flag and wait by the headers of rocketmq-spring', async () => {
      await template.send('order', message('x', { KEYS: 'k1 k2', FLAG: 9, WAIT_STORE_MSG_OK: false }));
      expect(sent()).toMatchObject({ keys: 'k1 k2', flag: 9, waitStoreMsgOK: false });
      expect(sent()?.properties).toEqual({ contentType: 'text/plain;charset=UTF-8' });
    });

    it('keeps the content type of the caller', async () => {
      await template.send('order', message('{}', { contentType: 'application/json' }));
      expect(sent()?.properties).toEqual({ contentType: 'application/json' });
    });

    it.each([
      ['TAGS', 'a', "'topic:tag'"],
      ['DELAY', '3', 'option delay'],
      ['TIMER_DELIVER_MS', '3', 'option deliverAt'],
      ['blank', ' ', 'not blank'],
      [' ', 'x', 'not blank'],
      ['list', ['a'], 'not object'],
      ['FLAG', 2 ** 40, '32-bit'],
    ])('refuses the header %j = %j and says what to do', async (name, value, words) => {
      const headers = { [name]: value } as Record<string, string>;
      await expect(template.send('order', message('x', headers))).rejects.toThrow(words);
      await expect(template.send('order', message('x', headers))).rejects.toThrow(JSON.stringify(name));
    });
  });

  describe('delays', () => {
    it.each([
      ['1s', 1],
      ['30m', 16],
      ['2h', 18],
      [10_000, 3],
    ])('sends %s with the level that is exactly so long', async (delay, level) => {
      await template.send('order', 1, { delay });
      expect(sent()?.delayLevel).toBe(level);
      expect(sent()?.delayTimeMs).toBeUndefined();
    });

    it('sends any other delay with a timer', async () => {
      await template.send('order', 1, { delay: '90s' });
      expect(sent()?.delayTimeMs).toBe(90_000);
      expect(sent()?.delayLevel).toBeUndefined();
    });

    it('sends one that may be recalled with a timer, whatever level is so long', async () => {
      await template.send('order', 1, { delay: '30m', recallable: true });
      expect(sent()).toMatchObject({ delayTimeMs: 1_800_000 });
      expect(sent()?.delayLevel).toBeUndefined();
    });

    it('recalls by the topic and the handle', async () => {
      expect(await template.recall('order:unpaid', 'djE')).toBe('recalled');
      expect(producer.recalled).toEqual([['order', 'djE']]);
    });

    it('recalls no longer than it is told to', async () => {
      const abort = new AbortController();
      producer.recallMessage = () => new Promise(() => undefined);
      const recalling = template.recall('order', 'djE', { timeout: '1s', signal: abort.signal });
      abort.abort('enough');
      await expect(recalling).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    });

    describe('on a broker that has no timers', () => {
      beforeEach(() => producer.brokerVersions.set('broker-old', MQVersion.V4_9_7));

      it.each([{ delay: '90s' }, { deliverAt: 5 }, { delay: '30m', recallable: true }])(
        'refuses %j, which it would deliver at once',
        async (options) => {
          const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('10s 30s 1m 2m') };
          await expect(template.send('order', 1, options)).rejects.toMatchObject(refused);
          await expect(template.sendAndReceive('order', 1, options)).rejects.toMatchObject(refused);
          template.sendOneWay('order', 1, options);
          await new Promise(setImmediate);
          expect(warn).toHaveBeenCalledWith(expect.stringContaining('broker-old'));
          expect([...producer.sent, ...producer.oneway]).toEqual([]);
        },
      );

      it('sends a delay that is a level', async () => {
        await template.send('order', 1, { delay: '30m' });
        expect(sent()?.delayLevel).toBe(16);
      });
    });

    it('takes a level by its number', async () => {
      await template.send('order', 1, { delay: { level: 4 } });
      expect(sent()?.delayLevel).toBe(4);
    });

    it('sends at once when the delay is none', async () => {
      await template.send('order', 1, { delay: 0 });
      expect(sent()?.delayLevel ?? sent()?.delayTimeMs).toBeUndefined();
    });

    it('delivers at a time', async () => {
      const at = new Date('2026-02-03T04:05:06Z');
      await template.send('order', 1, { deliverAt: at });
      expect(sent()?.deliverTimeMs).toBe(at.getTime());
    });

    it.each([
      [{ delay: 'soon' }, 'Not a duration'],
      [{ delay: { level: 19 } }, 'Levels go from 1'],
      [{ deliverAt: new Date('never') }, 'deliverAt is not a time'],
      [{ delay: '1s', deliverAt: 5 }, 'exclude each other'],
      [{ delay: { level: 4 }, recallable: true }, 'can not be recalled'],
    ])('refuses %j', async (options, words) => {
      await expect(template.send('order', 1, options)).rejects.toThrow(words);
    });
  });

  describe('queues', () => {
    const queues = Array.from({ length: 6 }, (_, queueId) => ({
      topic: 'order',
      brokerName: 'broker-a',
      queueId,
    }));
    const pick = (all: readonly (typeof queues)[number][], id: number) =>
      all.find(({ queueId }) => queueId === id) ?? fail();
    const fail = (): never => {
      throw new Error('there is no such queue');
    };
    const chosen = () => {
      const { message: last, options } = producer.sent.at(-1) ?? {};
      return last && options?.selector?.(queues, last, options.arg).queueId;
    };

    it.each([
      ['a', 1],
      ['user-1001', 4],
      ['customer-17', 5],
      ['polygenelubricants', 2],
      ['订单', 1],
    ])("puts the hash key %s where Java's template puts it", async (hashKey, queueId) => {
      await template.send('order', 1, { hashKey });
      expect(chosen()).toBe(queueId);
      await template.syncSendOrderly('order', 1, hashKey);
      expect(chosen()).toBe(queueId);
    });

    it('sends to the queue that is named', async () => {
      await template.send('order', 1, { queue: 3 });
      expect(chosen()).toBe(3);
      await template.send('order', 1, { queue: { brokerName: 'broker-a', queueId: 5 } });
      expect(chosen()).toBe(5);
    });

    it('says which queues there are when the named one is none of them', async () => {
      await template.send('order', 1, { queue: { brokerName: 'broker-b', queueId: 5 } });
      expect(chosen).toThrow('It has broker-a:0, broker-a:1');
    });

    it('lets a function choose, of the call or of the module', async () => {
      await template.send('order', 1, {
        queue: (all, _message, key) => pick(all, Number(key)),
        hashKey: '2',
      });
      expect(chosen()).toBe(2);
      template = new RocketMQTemplate({
        ...connection(),
        messageQueueSelector: (all, _message, key) => pick(all, Number(key) + 1),
      });
      await template.send('order', 1, { hashKey: '2' });
      expect(chosen()).toBe(3);
      await template.sendMessageInTransaction('order', 1, {
        hashKey: '3',
        checker: 'c',
        execute: () => 'COMMIT',
      });
      expect(chosen()).toBe(4);
    });

    it('refuses a queue together with a hash key', async () => {
      await expect(template.send('order', 1, { queue: 3, hashKey: 'a' })).rejects.toThrow(
        'exclude each other',
      );
    });
  });

  it('hands time-out, retries and signal to the client', async () => {
    const { signal } = new AbortController();
    await template.send('order', 1, {
      timeout: '2s',
      retries: 0,
      signal,
      keys: ['a', 'b'],
      waitStore: false,
    });
    expect(producer.sent.at(-1)?.options).toEqual({ timeout: 2000, retries: 0, signal });
    expect(sent()).toMatchObject({ keys: ['a', 'b'], waitStoreMsgOK: false });
  });

  it("passes the client's error on as it is", async () => {
    producer.failure = new RocketMQError('NO_ROUTE', 'No route info of this topic: order');
    await expect(template.send('order', 1)).rejects.toMatchObject({ code: 'NO_ROUTE' });
  });

  describe('sendBatch', () => {
    it('sends what fits in one request', async () => {
      await template.sendBatch('order:created', [{ id: 1 }, message({ id: 2 }, { a: 'b' })], { keys: 'k' });
      expect(producer.batches).toHaveLength(1);
      expect(producer.batches[0]).toMatchObject([{ tags: 'created', keys: 'k' }, { properties: { a: 'b' } }]);
    });

    it('splits at the size limit, keeping the order', async () => {
      const payloads = Array.from({ length: 10 }, (_, i) => String(i).repeat(200));
      const results = await template.sendBatch('order', payloads);
      expect(producer.batches.map((batch) => batch.length)).toEqual([3, 3, 3, 1]);
      expect(producer.batches.flat().map(({ body }) => Buffer.from(body).toString())).toEqual(payloads);
      expect(results).toHaveLength(4);
    });

    it('says how many messages are stored when a later request fails', async () => {
      producer.failure = new RocketMQError('TIMEOUT', 'no answer', { address: 'b:10911' });
      const sending = template.sendBatch('order', Array<string>(10).fill('x'.repeat(200)));
      await expect(sending).rejects.toThrow('3 of 10 messages are stored');
      await expect(sending).rejects.toBeInstanceOf(PartialBatchError);
      await expect(sending).rejects.toMatchObject({ code: 'TIMEOUT', sent: 3, address: 'b:10911' });
    });

    it.each([
      [[], {}, 'is empty'],
      [[1], { delay: '1s' }, 'can not be delayed'],
    ])('refuses %j with %j', async (payloads, options, words) => {
      await expect(template.sendBatch('order', payloads, options)).rejects.toThrow(words);
    });
  });

  it('ends a split batch by its signal, and says how many messages are stored', async () => {
    const abort = new AbortController();
    const sendBatch = producer.sendBatch.bind(producer);
    producer.sendBatch = async (batch, ...rest) => {
      abort.signal.throwIfAborted();
      abort.abort(new RocketMQError('ABORTED', 'enough'));
      return sendBatch(batch, ...rest);
    };
    const payloads = ['a', 'b', 'c'].map((text) => text.padEnd(700));
    const { signal } = abort;
    await expect(template.sendBatch('order', payloads, { signal })).rejects.toMatchObject({
      name: 'PartialBatchError',
      code: 'ABORTED',
      sent: 1,
    });
    expect(producer.batches).toHaveLength(1);
  });

  describe('sendOneWay', () => {
    it('returns at once, and logs a message that could not be sent', async () => {
      template.sendOneWay('metrics', { n: 1 });
      expect(producer.oneway).toHaveLength(1);
      producer.failure = new RocketMQError('CONNECT_FAILED', 'nobody there');
      template.sendOneWay('metrics', { secret: 'payload' });
      await new Promise(setImmediate);
      expect(warn).toHaveBeenCalledWith('One-way message to metrics was not sent: nobody there');
    });

    it('throws what can be known at once', () => {
      expect(() => template.sendOneWay('', 1)).toThrow('Not a destination');
    });
  });

  it('fixes destinations and payloads by a map of events', async () => {
    interface Events {
      'order:created': { id: number };
      'price:quote': Request<{ sku: string }, { price: number }>;
    }
    const typed = new RocketMQTemplate<Events>(connection());
    await typed.send('order:created', { id: 1 });
    await typed.send('order:created', message({ id: 1 }, { h: 'v' }));
    // @ts-expect-error not a destination of the map
    await typed.send('order:other', { id: 1 });
    // @ts-expect-error not the payload of this destination
    await typed.send('order:created', { id: 'one' });
    // @ts-expect-error not the payload of one of the batch
    await typed.sendBatch('order:created', [{ id: 1 }, { id: 'two' }]);
    await typed.syncSend('order:created', [message({ id: 1 }), message({ id: 2 })]);
    // @ts-expect-error not a message of this destination
    await typed.syncSend('order:created', [message({ id: 'one' })]);
    // @ts-expect-error not the payload of this destination
    await typed.convertAndSend('order:created', { id: 'one' });
    await typed.sendMessageInTransaction(
      'order:created',
      { id: 1 },
      { checker: 'c', arg: 5, execute: (_message, arg) => (arg.toFixed() === '5' ? 'COMMIT' : 'ROLLBACK') },
    );
    producer.answer = received({ body: { price: 5 } });
    const quote = await typed.sendAndReceive('price:quote', { sku: 'a' });
    expect(quote.price.toFixed(2)).toBe('5.00');
    // @ts-expect-error not a field of the reply
    expect(quote.prize).toBeUndefined();
    expect(producer.sent).toHaveLength(7);
    expect(producer.batches.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });
});
