import { Injectable, Scope } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { startApp } from '../../test/start-app.ts';
import {
  RocketMQMessageListener,
  SelectorType,
  type ListenerAttributes,
  type RocketMQModuleOptions,
} from '../index.ts';

/** A listener class with these attributes on it. */
function listener(name: string, attributes: ListenerAttributes) {
  @Injectable()
  @RocketMQMessageListener(attributes)
  class Listener {
    onMessage() {}
  }
  Object.defineProperty(Listener, 'name', { value: name });
  return Listener;
}

async function consumers(
  attributes: ListenerAttributes[],
  options: Partial<RocketMQModuleOptions> = {},
  imports = [],
) {
  const providers = attributes.map((each, i) => listener(`Listener${i + 1}`, each));
  const { app, clients } = await startApp({ providers, imports }, { nameServer: 'n:1', ...options });
  await app.close();
  return clients.consumers.map(({ options, subscriptions }) => ({
    ...options,
    subscriptions: Object.fromEntries(subscriptions),
  }));
}

describe('attributes of a listener', () => {
  const order = { consumerGroup: 'g', topic: 'order' };

  it('reach the consumer', async () => {
    const [consumer] = await consumers([
      {
        ...order,
        tags: ['a', 'b'],
        concurrency: 3,
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        messageModel: 'BROADCASTING',
        pullBatchSize: 64,
        consumeTimeout: '1m',
        maxReconsumeTimes: 4,
      },
    ]);
    expect(consumer).toMatchObject({
      group: 'g',
      concurrency: 3,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      messageModel: 'BROADCASTING',
      pullBatchSize: 64,
      consumeTimeout: 60_000,
      maxReconsumeTimes: 4,
      subscriptions: { order: 'a || b' },
    });
  });

  it("that are of its connection reach the consumer, in place of the module's", async () => {
    const [own, other] = await consumers(
      [
        {
          ...order,
          nameServer: 'other:9876',
          accessKey: 'stock',
          secretKey: 'secret-of-stock',
          tls: 'false',
          namespace: 'east',
          instanceName: 'one',
          pullInterval: '50ms',
        },
        { ...order, consumerGroup: 'h' },
      ],
      { acl: { accessKey: 'app', secretKey: 'secret-of-app' }, tls: true },
    );
    expect(own).toMatchObject({
      nameServer: 'other:9876',
      accessKey: 'stock',
      secretKey: 'secret-of-stock',
      useTLS: false,
      namespace: 'east',
      instanceName: 'one',
      pullInterval: 50,
    });
    expect(other).toMatchObject({ nameServer: 'n:1', accessKey: 'app', useTLS: true });
    expect(other).not.toHaveProperty('namespace');
  });

  it("are the module's where the listener says nothing", async () => {
    const [consumer] = await consumers([{ topic: 'order', concurrency: 9 }], {
      consumer: { consumerGroup: 'shop', concurrency: 5, pullBatchSize: 8, maxReconsumeTimes: 2 },
    });
    expect(consumer).toMatchObject({ group: 'shop', concurrency: 9, pullBatchSize: 8, maxReconsumeTimes: 2 });
  });

  describe('from the configuration', () => {
    afterEach(() => {
      delete process.env.TEST_ORDER_TOPIC;
      delete process.env.TEST_CONCURRENCY;
      delete process.env.TEST_ENABLED;
    });

    it('take the environment, or the default of the placeholder', async () => {
      process.env.TEST_CONCURRENCY = '6';
      const [consumer] = await consumers([
        {
          consumerGroup: 'g-${TEST_ORDER_TOPIC:none}',
          topic: '${TEST_ORDER_TOPIC:order}',
          concurrency: '${TEST_CONCURRENCY}',
        },
      ]);
      expect(consumer).toMatchObject({ group: 'g-none', concurrency: 6, subscriptions: { order: '*' } });
    });

    it('take ConfigService where the application has one', async () => {
      const imports = [
        ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ order: { topic: 'from-config' } })] }),
      ];
      const [consumer] = await consumers(
        [{ consumerGroup: 'g', topic: '${order.topic}' }],
        {},
        imports as never,
      );
      expect(consumer?.subscriptions).toEqual({ 'from-config': '*' });
    });

    it('may be functions', async () => {
      process.env.TEST_ORDER_TOPIC = 'from-env';
      const [consumer] = await consumers([
        { consumerGroup: 'g', topic: (configuration) => String(configuration.get('TEST_ORDER_TOPIC')) },
      ]);
      expect(consumer?.subscriptions).toEqual({ 'from-env': '*' });
    });

    it('take STOCK_GROUP for stock.group, and reach into batch and lanes', async () => {
      process.env.TEST_ORDER_TOPIC = 'from-env';
      process.env.TEST_CONCURRENCY = '7';
      const [consumer] = await consumers([
        {
          consumerGroup: '${test.order.topic}-${testOrderTopic}',
          topic: '${stock.topic:order}',
        },
        {
          consumerGroup: 'g',
          topic: 'order',
          batch: { size: '${test.concurrency}', wait: '${TEST_WAIT:1s}' },
        },
      ]);
      expect(consumer).toMatchObject({ group: 'from-env-from-env', subscriptions: { order: '*' } });
    });

    it('switch a listener off', async () => {
      process.env.TEST_ENABLED = 'false';
      expect(await consumers([{ ...order, enabled: '${TEST_ENABLED:true}' }])).toEqual([]);
      process.env.TEST_ENABLED = 'true';
      expect(await consumers([{ ...order, enabled: '${TEST_ENABLED:true}' }])).toHaveLength(1);
    });

    it('say which name has no value', async () => {
      await expect(consumers([{ consumerGroup: 'g', topic: '${TEST_ORDER_TOPIC}' }])).rejects.toThrow(
        'Listener1: attribute topic: ${TEST_ORDER_TOPIC} has no value. Set TEST_ORDER_TOPIC, or give a default',
      );
    });
  });

  it.each<[ListenerAttributes, string]>([
    [{ topic: 'order' }, 'Listener1.onMessage: attribute consumerGroup is missing'],
    [{ consumerGroup: 'g' }, 'Listener1.onMessage: attribute topic is missing'],
    [{ ...order, topc: 'x' } as never, 'Listener1: unknown attribute topc'],
    [{ ...order, concurrency: 0 }, 'Listener1: concurrency: '],
    [{ ...order, concurrency: 'many' }, 'Listener1: concurrency: '],
    [{ ...order, messageModel: 'ALL' }, 'Listener1: messageModel: '],
    [{ ...order, tags: 'a', selectorExpression: 'b' }, 'tags and selectorExpression exclude each other'],
    [{ ...order, selectorType: 'SQL' }, 'Listener1: selectorType: '],
    [{ ...order, selectorType: 'SQL92' }, 'selectorType is SQL92, and selectorExpression is missing'],
    [
      { ...order, selectorType: 'SQL92', tags: 'a' },
      'selectorType is SQL92, and selectorExpression is missing',
    ],
    [
      { ...order, connection: 'analytics' },
      "there is no connection 'analytics'. The application has: default",
    ],
    [{ ...order, rateLimit: 'fast' }, 'Listener1: rateLimit: not a rate'],
    [{ ...order, batch: { size: 0 } }, 'Listener1: batch.size: '],
    [{ ...order, batch: { sise: 1 } as never }, 'unknown attribute batch.sise'],
    [{ ...order, schema: {} as never }, 'Listener1: schema: not a Standard Schema'],
    [{ ...order, onLastAttempt: 'giveUp' }, 'Listener1 has no method giveUp'],
    [
      { ...order, batch: {}, consumeMode: 'ORDERLY' },
      'batch and consumeMode ORDERLY (or lanes) exclude each other',
    ],
    [{ ...order, lanes: true, messageModel: 'BROADCASTING' }, 'which lanes are a form of'],
    [
      { ...order, consumeThreadNumber: 5 } as never,
      'unknown attribute consumeThreadNumber: it is concurrency',
    ],
  ])('stop the boot when they are wrong: %j', async (attributes, words) => {
    await expect(consumers([attributes])).rejects.toThrow(words);
  });
});

describe('listeners of one group', () => {
  it('subscribe to the union of their topics and tags', async () => {
    const [consumer, ...others] = await consumers([
      { consumerGroup: 'g', topic: 'order', tags: 'paid' },
      { consumerGroup: 'g', topic: 'order', tags: 'created', messageModel: 'CLUSTERING' },
      { consumerGroup: 'g', topic: 'price' },
    ]);
    expect(others).toEqual([]);
    expect(consumer?.subscriptions).toEqual({ order: 'created || paid', price: '*' });
  });

  it.each<[string, ListenerAttributes, ListenerAttributes]>([
    [
      'messageModel is CLUSTERING and BROADCASTING',
      { messageModel: 'CLUSTERING' },
      { messageModel: 'BROADCASTING' },
    ],
    ['pullBatchSize is 8 and 16', { pullBatchSize: 8 }, { pullBatchSize: 16 }],
    ['secretKey is one thing and one thing', { secretKey: 'secret-1' }, { secretKey: 'secret-2' }],
    ['lanes is {"key":"a"} and {"key":"b"}', { lanes: { key: 'a' } }, { lanes: { key: 'b' } }],
  ])('stop the boot when they contradict each other: %s', async (words, one, two) => {
    const both = consumers([
      { consumerGroup: 'g', topic: 'a', ...one },
      { consumerGroup: 'g', topic: 'b', ...two },
    ]);
    await expect(both).rejects.toThrow(words);
    await expect(both).rejects.toThrow('Listener1.onMessage and Listener2.onMessage are of the same group g');
  });

  it('may select by SQL92, each a topic of its own', async () => {
    const [consumer] = await consumers([
      {
        consumerGroup: 'g',
        topic: 'order',
        selectorType: SelectorType.SQL92,
        selectorExpression: 'total > 5',
      },
      {
        consumerGroup: 'g',
        topic: 'price',
        selectorType: SelectorType.TAG,
        selectorExpression: 'up || down',
      },
    ]);
    expect(consumer?.subscriptions).toEqual({
      order: { type: 'SQL92', expression: 'total > 5' },
      price: 'down || up',
    });
  });

  it.each<[ListenerAttributes, ListenerAttributes]>([
    [{ selectorType: 'SQL92', selectorExpression: 'total > 5' }, { tags: 'paid' }],
    [{ tags: 'paid' }, { selectorType: 'SQL92', selectorExpression: 'total > 5' }],
    [
      { selectorType: 'SQL92', selectorExpression: 'total > 5' },
      { selectorType: 'SQL92', selectorExpression: 'total > 5' },
    ],
  ])('stop the boot when one of two of a topic selects by SQL92: %j and %j', async (one, two) => {
    await expect(
      consumers([
        { consumerGroup: 'g', topic: 'order', ...one },
        { consumerGroup: 'g', topic: 'order', ...two },
      ]),
    ).rejects.toThrow(
      'Listener2.onMessage and Listener1.onMessage both take topic order in the group g, one of them by SQL92',
    );
  });

  it.each([
    ['a', ['a', 'b'], 'a'],
    ['*', '', '*'],
  ])('stop the boot when two take the same tag: %j and %j', async (one, two, tag) => {
    await expect(
      consumers([
        { consumerGroup: 'g', topic: 'order', tags: one },
        { consumerGroup: 'g', topic: 'order', ...(two === '' ? {} : { tags: two }) },
      ]),
    ).rejects.toThrow(`Listener2.onMessage and Listener1.onMessage both take tag ${tag} of topic order`);
  });
});

describe('a class that carries the decorator', () => {
  it('stops the boot when it has nothing that listens', async () => {
    @RocketMQMessageListener({ consumerGroup: 'g', topic: 'order' })
    class Deaf {
      handle() {}
    }
    await expect(startApp({ providers: [Deaf] })).rejects.toThrow(
      'Deaf carries @RocketMQMessageListener, but has neither',
    );
  });

  it('stops the boot when it is transient', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    @RocketMQMessageListener({ consumerGroup: 'g', topic: 'order' })
    class Transient {
      onMessage() {}
    }
    await expect(startApp({ providers: [Transient] })).rejects.toThrow('Transient is transient');
  });

  it('is not looked for in values', async () => {
    const values = ['text', 1, null, { a: 1 }, Object.create(null), () => 1, Symbol('s'), new Proxy({}, {})];
    const providers = values.map((useValue, i) => ({ provide: `value ${i}`, useValue }));
    const { app, clients } = await startApp({ providers });
    expect(clients.consumers).toEqual([]);
    await app.close();
  });

  it('hands its attributes down to a subclass', async () => {
    @RocketMQMessageListener({ consumerGroup: 'g', topic: 'order' })
    class Base {
      onMessage() {}
    }
    class Sub extends Base {}
    const { app, clients } = await startApp({ providers: [Sub] });
    expect(clients.consumerOf('g').subscriptions.has('order')).toBe(true);
    await app.close();
  });

  it('may be provided by a factory', async () => {
    const Listener = listener('Listener', { consumerGroup: 'g', topic: 'order' });
    const { app, clients } = await startApp({
      providers: [{ provide: 'any', useFactory: () => new Listener() }],
    });
    expect(clients.consumers).toHaveLength(1);
    await app.close();
  });
});
