import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  BytesMessageConverter,
  InjectRocketMQTemplate,
  message,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type MessageContext,
  type MessageExt,
  type RocketMQLocalTransactionState,
} from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';

class Seen {
  readonly payloads: unknown[] = [];
  readonly checked: string[] = [];

  onMessage(payload: unknown, context: MessageContext): unknown {
    this.payloads.push(payload);
    return { seenBy: this.constructor.name, key: context.keys[0] };
  }

  executeLocalTransaction(): RocketMQLocalTransactionState {
    return 'UNKNOWN';
  }

  checkLocalTransaction(asked: MessageExt): RocketMQLocalTransactionState {
    this.checked.push(asked.keys[0] ?? '');
    return 'COMMIT';
  }
}

const FROM_FIRST = 'CONSUME_FROM_FIRST_OFFSET';

/** The same topic, the same group, the same name of a checker, on two clusters. */
@Injectable()
@RocketMQMessageListener({ consumerGroup: 'shared-group', topic: 'shared', consumeFromWhere: FROM_FIRST })
@RocketMQTransactionListener({ topic: 'shared-pay', name: 'checker' })
class Main extends Seen {}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'shared-group',
  topic: 'shared',
  consumeFromWhere: FROM_FIRST,
  connection: 'analytics',
})
@RocketMQTransactionListener({ topic: 'shared-pay', name: 'checker', connection: 'analytics' })
class Analytics extends Seen {}

@Injectable()
class Service {
  constructor(
    readonly main: RocketMQTemplate,
    @InjectRocketMQTemplate('analytics') readonly analytics: RocketMQTemplate,
  ) {}
}

describe('several connections in one application', () => {
  let one: TestCluster;
  let two: TestCluster;
  let app: TestingModule | undefined;

  beforeAll(async () => {
    [one, two] = await Promise.all([TestCluster.start(), TestCluster.start()]);
    for (const cluster of [one, two])
      for (const topic of ['shared', 'shared-pay']) await cluster.createTopic(topic);
  });

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  afterAll(() => Promise.all([one?.stop(), two?.stop()]));

  async function start(
    main: ReturnType<TestCluster['options']>,
    analytics: ReturnType<TestCluster['options']>,
    providers = [Service, Main, Analytics] as (new (...parameters: never[]) => unknown)[],
  ): Promise<Service> {
    const module = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot(main),
        RocketMQModule.forRootAsync({ name: 'analytics', useFactory: () => analytics }),
      ],
      providers,
    }).compile();
    module.useLogger(false);
    app = await module.init();
    return app.get(Service);
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  const bodies = async (cluster: TestCluster, topic: string) =>
    (await cluster.messages(topic)).map(({ body }) => body.toString());

  it('on two clusters: templates, listeners, transactions and requests stay apart', async () => {
    const group = { producer: { group: 'service' } };
    const { main, analytics } = await start(one.options(group), two.options(group));
    const [mainListener, analyticsListener] = [app?.get(Main), app?.get(Analytics)];
    await main.send('shared', 'for one');
    await analytics.send('shared', 'for two');
    await until(() => mainListener?.payloads.length === 1 && analyticsListener?.payloads.length === 1);
    expect([mainListener?.payloads, analyticsListener?.payloads]).toEqual([['for one'], ['for two']]);
    expect(await bodies(one, 'shared')).toEqual(['for one']);
    expect(await bodies(two, 'shared')).toEqual(['for two']);

    const request = message('who?', { KEYS: 'k' });
    const timeout = '15s';
    expect(await main.sendAndReceive('shared', request, { timeout })).toEqual({ seenBy: 'Main', key: 'k' });
    expect(await analytics.sendAndReceive('shared', request, { timeout })).toEqual({
      seenBy: 'Analytics',
      key: 'k',
    });

    await main.sendMessageInTransaction('shared-pay', 1, { keys: 'one', checker: 'checker' });
    await analytics.sendMessageInTransaction('shared-pay', 2, { keys: 'two' });
    await Promise.all([one.advance('1m'), two.advance('1m')]);
    await until(() => mainListener?.checked.length === 1 && analyticsListener?.checked.length === 1);
    expect([mainListener?.checked, analyticsListener?.checked]).toEqual([['one'], ['two']]);
    await until(async () => (await bodies(one, 'shared-pay')).length === 1);
    expect(await bodies(one, 'shared-pay')).toEqual(['1']);
  });

  it('on one cluster: a second producer with settings of its own', async () => {
    const { main, analytics } = await start(
      one.options({ producer: { group: 'first', maxMessageSize: 100 } }),
      one.options({
        producer: { group: 'second', messageQueueSelector: (queues) => queues.at(-1) ?? never() },
        converter: new BytesMessageConverter(),
        defaultDestination: 'second-topic',
      }),
      [Service],
    );
    await one.createTopic('second-topic');
    await expect(main.send('second-topic', 'x'.repeat(200))).rejects.toThrow('maxMessageSize');
    const { messageQueue } = await analytics.send('second-topic', Buffer.alloc(200), { hashKey: 'a' });
    expect(messageQueue.queueId).toBe(3);
    await expect(analytics.send('second-topic', 'text')).rejects.toThrow('no Buffer');
    await analytics.convertAndSend(Buffer.from('default'));
    await expect(main.convertAndSend('x')).rejects.toThrow('defaultDestination');
    expect(await bodies(one, 'second-topic')).toHaveLength(2);
  });

  it('one that can not be reached stops the boot, and leaves the others closed', async () => {
    const nowhere = { nameServer: '127.0.0.1:1' };
    await expect(start(one.options(), nowhere, [Service])).rejects.toThrow(
      "Connection 'analytics' can't start",
    );
  });

  it('one in the background does not keep the others from working', async () => {
    const { main, analytics } = await start(
      one.options(),
      { nameServer: '127.0.0.1:1', connect: 'background', producer: { sendMessageTimeout: 200 } },
      [Service],
    );
    await one.createTopic('third-topic');
    expect(await main.send('third-topic', 'works')).toMatchObject({ sendStatus: 'SEND_OK' });
    await expect(analytics.send('third-topic', 'does not')).rejects.toMatchObject({ name: 'RocketMQError' });
  });
});

function never(): never {
  throw new Error('there is no queue');
}
