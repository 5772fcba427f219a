import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { jest } from '@jest/globals';
import { MessageSelector } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import {
  Context,
  MessageContext,
  MessageHeaders,
  MessageKeys,
  Payload,
  RawMessage,
  RejectMessage,
  RetryLater,
  RocketMQMessageListener,
  RocketMQRegistry,
  SelectorType,
  type MessageExt,
  type RocketMQListener,
} from '../index.ts';

let started: StartedApp;

afterEach(async () => started.app.close());

describe('a class that selects by SQL92', () => {
  const calls: unknown[] = [];

  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'stock', selectorType: SelectorType.SQL92 })
  class StockListener {
    @RocketMQMessageListener({ topic: 'order', selectorExpression: 'total > 5' })
    large(@Payload() order: unknown) {
      calls.push(order);
    }

    @RocketMQMessageListener({ topic: 'price', tags: 'up' })
    up() {}

    @RocketMQMessageListener({ topic: 'stock', selectorType: 'TAG', selectorExpression: 'low || none' })
    low() {}
  }

  beforeEach(async () => {
    calls.length = 0;
    started = await startApp({ providers: [StockListener] });
  });

  it('subscribes by its expressions, and by tags where a method says so', () => {
    expect([...started.clients.consumerOf('stock').subscriptions]).toEqual([
      ['order', MessageSelector.bySql('total > 5')],
      ['price', 'up'],
      ['stock', 'low || none'],
    ]);
  });

  it('gets what its brokers let through, whatever the tag', async () => {
    const consumer = started.clients.consumerOf('stock');
    await consumer.deliver(received({ tags: 'created', body: { id: 1 } }));
    await consumer.deliver(received({ body: { id: 2 } }));
    expect(calls).toEqual([{ id: 1 }, { id: 2 }]);
  });
});

describe('a class that listens', () => {
  const seen = jest.fn<(...args: unknown[]) => Promise<void>>();

  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order', selectorExpression: 'created || paid' })
  class StockListener implements RocketMQListener<{ id: number }> {
    readonly mine = 'this is kept';

    async onMessage(order: { id: number }, context: MessageContext) {
      return seen(order, context, this.mine);
    }
  }

  beforeEach(async () => {
    seen.mockReset();
    started = await startApp({
      providers: [StockListener, { provide: 'alias', useExisting: StockListener }],
    });
  });

  it('has one consumer of its group, subscribed to its topic and tags', () => {
    expect(started.clients.consumers).toHaveLength(1);
    const consumer = started.clients.consumerOf('stock');
    expect([...consumer.subscriptions]).toEqual([['order', 'created || paid']]);
    expect(consumer.options).toMatchObject({
      concurrency: 20,
      maxReconsumeTimes: 16,
      consumeMessageBatchMaxSize: 1,
    });
  });

  it('gets the payload and a context, and the message is done', async () => {
    const message = received({ tags: 'paid', body: { id: 7 }, keys: ['k'], reconsumeTimes: 2 });
    await expect(started.clients.consumerOf('stock').deliver(message)).resolves.toBe('done');
    const [payload, context, mine] = seen.mock.calls[0] ?? [];
    expect(payload).toEqual({ id: 7 });
    expect(context).toBeInstanceOf(MessageContext);
    expect(context).toMatchObject({
      topic: 'order',
      tag: 'paid',
      attempt: 3,
      consumerGroup: 'stock',
      keys: ['k'],
    });
    expect(mine).toBe('this is kept');
  });

  it.each([
    ['text/plain;charset=UTF-8', '{"id":1}', '{"id":1}'],
    ['application/json', '{"id":1}', { id: 1 }],
    ['application/octet-stream', '{"id":1}', Buffer.from('{"id":1}')],
    [undefined, '{"id":1}', { id: 1 }],
  ])('reads a payload of contentType %s', async (contentType, body, payload) => {
    const properties: Record<string, string> = contentType === undefined ? {} : { contentType };
    await started.clients.consumerOf('stock').deliver(received({ tags: 'paid', body, properties }));
    expect(seen.mock.calls[0]?.[0]).toEqual(payload);
  });

  it.each([
    ['an error: the back-off of the broker', new Error('no stock'), { delayLevel: 0 }],
    ['something that is no error', 'no stock', { delayLevel: 0 }],
    ['RetryLater: the level that is at least so long', new RetryLater('40s'), { delayLevel: 5 }],
    ['RetryLater with a level', new RetryLater({ level: 3 }), { delayLevel: 3 }],
    ['RetryLater of a day: the longest level', new RetryLater('1d'), { delayLevel: 18 }],
    [
      'RejectMessage: the dead letters, with the reason',
      new RejectMessage('row is gone'),
      {
        delayLevel: -1,
        properties: { REJECT_REASON: 'row is gone', REJECTED_BY: 'StockListener.onMessage' },
      },
    ],
  ])('comes again after %s', async (_name, error, outcome) => {
    seen.mockRejectedValue(error);
    await expect(started.clients.consumerOf('stock').deliver(received({ tags: 'paid' }))).resolves.toEqual(
      outcome,
    );
  });

  it('goes to the dead letters when its retries are used up', async () => {
    seen.mockRejectedValue(new Error('still no stock'));
    const message = received({ tags: 'paid', reconsumeTimes: 16 });
    await expect(started.clients.consumerOf('stock').deliver(message)).resolves.toMatchObject({
      delayLevel: -1,
    });
  });

  it('goes to the dead letters at once when its payload does not parse', async () => {
    const outcome = await started.clients
      .consumerOf('stock')
      .deliver(received({ tags: 'paid', body: '{"id":' }));
    expect(outcome).toMatchObject({
      delayLevel: -1,
      properties: { REJECT_REASON: expect.stringContaining('6 bytes') },
    });
    expect(seen).not.toHaveBeenCalled();
  });

  it('goes to the dead letters at once when its body can not be decompressed', async () => {
    const bomb = Object.defineProperty(received({ tags: 'paid' }), 'body', {
      get: () => {
        throw new RocketMQError('PROTOCOL', 'the zstd frame holds more than is allowed');
      },
    });
    const outcome = await started.clients.consumerOf('stock').deliver(bomb);
    expect(outcome).toMatchObject({
      delayLevel: -1,
      properties: { REJECT_REASON: expect.stringContaining('more than is allowed') },
    });
    expect(seen).not.toHaveBeenCalled();
  });

  it('is tried again later when no handler takes its tag', async () => {
    const outcome = await started.clients
      .consumerOf('stock')
      .deliver(received({ tags: 'of an older version' }));
    expect(outcome).toEqual({ delayLevel: 0 });
    expect(seen).not.toHaveBeenCalled();
  });
});

describe('methods that listen', () => {
  const calls: unknown[][] = [];

  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order', concurrency: 7, maxReconsumeTimes: 3 })
  class StockListener {
    @RocketMQMessageListener({ tags: 'created' })
    take(
      @Payload() order: object,
      @Payload('lines.0.sku') sku: string,
      @MessageKeys() keys: string[],
      @MessageHeaders('trace') trace: string,
      @MessageHeaders() all: object,
      @RawMessage() raw: MessageExt,
      @Context() context: MessageContext,
    ) {
      calls.push(['take', order, sku, keys, trace, all, raw.msgId, context.handler]);
    }

    @RocketMQMessageListener({
      tags: ['cancelled', 'unpaid'],
      maxReconsumeTimes: 5,
      delayLevelWhenNextConsume: 2,
    })
    giveBack(order: object) {
      calls.push(['giveBack', order]);
      throw new Error('not now');
    }

    @RocketMQMessageListener({ topic: 'audit' })
    audit(@Payload() text: string) {
      calls.push(['audit', text]);
    }

    @RocketMQMessageListener({ topic: 'raw', payload: 'message' })
    raw(message: MessageExt) {
      calls.push(['raw', message.msgId]);
    }

    @RocketMQMessageListener({ topic: 'bytes' })
    bytes(@Payload() bytes: Buffer) {
      calls.push(['bytes', bytes]);
    }

    @RocketMQMessageListener({ tags: 'off', enabled: false })
    off() {}
  }

  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order', tags: '*' })
  class RestListener {
    onMessage(payload: unknown) {
      calls.push(['rest', payload]);
    }
  }

  const deliver = (message: MessageExt) => started.clients.consumerOf('stock').deliver(message);

  beforeEach(async () => {
    calls.length = 0;
    started = await startApp({ providers: [StockListener], controllers: [RestListener] });
  });

  it('share one consumer, subscribed to the union', () => {
    expect(started.clients.consumers).toHaveLength(1);
    const { subscriptions, options } = started.clients.consumerOf('stock');
    expect([...subscriptions]).toEqual([
      ['order', '*'],
      ['audit', '*'],
      ['raw', '*'],
      ['bytes', '*'],
    ]);
    // More than run at the same time: whose turn it is, is decided among the handlers.
    expect(options).toMatchObject({ concurrency: 1000, maxReconsumeTimes: 16 });
    expect(started.app.get(RocketMQRegistry).list()[0]?.concurrency).toBe(7);
  });

  it('get what their parameters ask for', async () => {
    const order = { lines: [{ sku: 'A1' }] };
    await deliver(received({ tags: 'created', keys: ['k1', 'k2'], body: order, properties: { trace: 't' } }));
    expect(calls).toEqual([
      ['take', order, 'A1', ['k1', 'k2'], 't', { trace: 't' }, expect.any(String), 'StockListener.take'],
    ]);
  });

  it('get the messages of their tags, and the one for all tags gets the rest', async () => {
    await deliver(received({ tags: 'unpaid', body: { id: 1 } }));
    await deliver(received({ tags: 'shipped', body: { id: 2 } }));
    await deliver(received({ body: { id: 3 } }));
    expect(calls).toEqual([
      ['giveBack', { id: 1 }],
      ['rest', { id: 2 }],
      ['rest', { id: 3 }],
    ]);
  });

  it('get the payload as the type of their parameter says, whatever the content type', async () => {
    const properties = { contentType: 'application/json' };
    await deliver(received({ topic: 'audit', body: '{"a":1}', properties }));
    await deliver(received({ topic: 'bytes', body: '{"a":1}', properties }));
    await deliver(received({ topic: 'raw', body: '{"a":', properties, msgId: 'M' }));
    expect(calls).toEqual([
      ['audit', '{"a":1}'],
      ['bytes', Buffer.from('{"a":1}')],
      ['raw', 'M'],
    ]);
  });

  it('have retries and a delay of their own', async () => {
    await expect(deliver(received({ tags: 'unpaid', reconsumeTimes: 4 }))).resolves.toEqual({
      delayLevel: 2,
    });
    await expect(deliver(received({ tags: 'unpaid', reconsumeTimes: 5 }))).resolves.toMatchObject({
      delayLevel: -1,
    });
  });
});

describe('a request-scoped listener', () => {
  const instances: unknown[] = [];

  @Injectable({ scope: Scope.REQUEST })
  class PerMessage {
    constructor(@Inject(REQUEST) readonly context: MessageContext) {}
  }

  @Injectable()
  @RocketMQMessageListener({ consumerGroup: 'scoped', topic: 'order' })
  class ScopedListener {
    constructor(readonly perMessage: PerMessage) {}

    onMessage(_payload: unknown, context: MessageContext) {
      instances.push([this, this.perMessage.context === context]);
    }
  }

  it('is made for each message, which is its request', async () => {
    started = await startApp({ providers: [PerMessage, ScopedListener] });
    const consumer = started.clients.consumerOf('scoped');
    await consumer.deliver(received({}));
    await consumer.deliver(received({}));
    expect(instances).toEqual([
      [expect.any(ScopedListener), true],
      [expect.any(ScopedListener), true],
    ]);
    expect((instances[0] as unknown[])[0]).not.toBe((instances[1] as unknown[])[0]);
  });
});

describe("a handler's own concurrency", () => {
  it('limits it within its group', async () => {
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];

    @Injectable()
    @RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order', concurrency: 10 })
    class StockListener {
      @RocketMQMessageListener({ tags: 'slow', concurrency: 2 })
      async slow() {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => gates.push(resolve));
        running--;
      }
    }
    started = await startApp({ providers: [StockListener] });
    const consumer = started.clients.consumerOf('stock');
    const delivered = Array.from({ length: 5 }, () => consumer.deliver(received({ tags: 'slow' })));
    for (let done = 0; done < 5; done++) {
      await new Promise(setImmediate);
      gates.shift()?.();
    }
    await expect(Promise.all(delivered)).resolves.toEqual(Array<string>(5).fill('done'));
    expect(most).toBe(2);
  });
});
