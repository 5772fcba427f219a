import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestCluster } from '@nest-rocketmq/testing';
import {
  Context,
  DeadLetterService,
  getRocketMQOptionsToken,
  MessageContext,
  Payload,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { DataSource, EntityManager } from 'typeorm';
import { BUSINESS, pglite, type TestDatabase } from '../../spec-support/databases.ts';
import { countBusiness, insertBusiness } from '../../spec-support/store-suite.ts';
import {
  ConsumeOnce,
  ConsumerLogModule,
  ConsumerLogRepository,
  ConsumerStatus,
  Outbox,
  OutboxRelay,
  OutboxRepository,
  Transaction,
  type OutboxTransport,
} from '../index.ts';

interface Order {
  id: string;
  fails?: number;
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'stock-service',
  topic: 'order',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class StockListener {
  readonly attempts: string[] = [];

  @RocketMQMessageListener({ tags: 'cancelled' })
  @ConsumeOnce()
  async giveBack(@Payload() order: Order, @Transaction() manager: EntityManager): Promise<void> {
    await insertBusiness(manager, order.id);
    this.attempts.push(order.id);
    const failures = this.attempts.filter((id) => id === order.id).length;
    if (failures <= (order.fails ?? 0)) throw new Error(`failure ${failures}`);
  }

  @RocketMQMessageListener({ tags: 'paid' })
  @ConsumeOnce<Order>({ key: ({ id }) => id })
  async pay(@Payload() order: Order, @Transaction() manager: EntityManager): Promise<void> {
    await insertBusiness(manager, order.id);
  }

  @RocketMQMessageListener({ tags: 'careless' })
  careless(@Payload() order: Order, @Transaction() manager: EntityManager): void {
    this.attempts.push(`${order.id} ${manager.constructor.name}`);
  }

  @RocketMQMessageListener({ tags: 'later' })
  later(@Payload() order: Order, @Context() context: MessageContext): void {
    this.attempts.push(`${order.id} of ${context.keys.join()}`);
  }
}

@Injectable()
class OrderService {
  constructor(
    private readonly outbox: Outbox<{ 'order:cancelled': Order; 'order:later': Order }>,
    private readonly dataSource: DataSource,
  ) {}

  async cancel(order: Order, fails = false): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(BUSINESS, ['name'])
        .values({ name: `cancel ${order.id}` })
        .execute();
      await this.outbox.send(manager, 'order:cancelled', order, { keys: order.id, hashKey: order.id });
      if (fails) throw new Error('the order is locked');
    });
  }
}

let database: TestDatabase;
let cluster: TestCluster;
let orders = 0;

beforeAll(async () => {
  [database, cluster] = await Promise.all([pglite.start(), TestCluster.start({ topics: ['order'] })]);
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  await database.close();
});

async function start(
  options: Parameters<typeof ConsumerLogModule.forRoot>[0],
  providers: readonly (typeof StockListener | typeof OrderService)[] = [StockListener, OrderService],
): Promise<TestingModule> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: database.url }),
      RocketMQModule.forRoot({ nameServer: 'rocketmq.production:9876' }),
      ConsumerLogModule.forRoot(options),
    ],
    providers: [...providers],
  })
  class AppModule {}
  const app = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getRocketMQOptionsToken())
    .useValue(cluster.options())
    .compile();
  app.useLogger(false);
  await app.init();
  return app;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const done = (name: string): Promise<number> => countBusiness(database.dataSource.manager, name);

describe('an application with a consumer log', () => {
  let app: TestingModule;
  let id: string;

  beforeEach(async () => {
    id = `order-${++orders}`;
    app = await start({ group: 'order-service', createTables: true });
  });
  afterEach(() => app.close());

  const row = (msgTag: string, msgKey = id) =>
    app.get(ConsumerLogRepository).find({ groupName: 'stock-service', msgTag, msgKey });

  it('consumes a message once, however often it is sent', async () => {
    const rocketmq = app.get(RocketMQTemplate);
    for (let copy = 0; copy < 5; copy++) await rocketmq.send('order:cancelled', { id }, { keys: id });
    await rocketmq.send('order:later', { id }, { keys: 'last' });
    await until(async () => (await row('cancelled'))?.consumerStatus === ConsumerStatus.DONE);
    await until(() => app.get(StockListener).attempts.includes(`${id} of last`));
    expect(await done(id)).toBe(1);
    expect(await row('cancelled')).toMatchObject({ msgBody: JSON.stringify({ id }), consumerTimes: 0 });
  });

  it('tells messages apart by what the handler says', async () => {
    const rocketmq = app.get(RocketMQTemplate);
    for (const keys of ['a', 'b']) await rocketmq.send('order:paid', { id }, { keys });
    await until(async () => (await row('paid'))?.consumerStatus === ConsumerStatus.DONE);
    expect(await done(id)).toBe(1);
  });

  it('rolls back what failed, and does it when the message comes again', async () => {
    await app.get(RocketMQTemplate).send('order:cancelled', { id, fails: 2 }, { keys: id });
    const { attempts } = app.get(StockListener);
    await until(() => attempts.length === 1);
    expect(await done(id)).toBe(0);
    while (attempts.length < 3) await cluster.advance('30s');
    await until(async () => (await row('cancelled'))?.consumerStatus === ConsumerStatus.DONE);
    expect(await done(id)).toBe(1);
    expect(await row('cancelled')).toMatchObject({ consumerTimes: 2, remark: 'failure 2' });
  });

  it('gives up what fails too often: a dead letter, and a row for the operator', async () => {
    await app.get(RocketMQTemplate).send('order:cancelled', { id, fails: 9 }, { keys: id });
    const { attempts } = app.get(StockListener);
    const given = async () =>
      (await cluster.deadLetters('stock-service')).filter(({ keys }) => keys.includes(id));
    while ((await given()).length === 0) await cluster.advance('1m');
    expect(attempts).toHaveLength(4);
    expect(await done(id)).toBe(0);
    const [letter] = await given();
    expect(letter?.properties.get('REJECT_REASON')).toBe('it failed 4 times, the last time: failure 4');
    const failed = await app.get(ConsumerLogRepository).failed({ groupName: 'stock-service' });
    expect(failed).toContainEqual(
      expect.objectContaining({ msgKey: id, consumerTimes: 4, remark: 'failure 4' }),
    );
  });

  it('gives what was given up another chance by an operator', async () => {
    await app.get(RocketMQTemplate).send('order:cancelled', { id, fails: 4 }, { keys: id });
    const letters = app.get(DeadLetterService);
    while ((await letters.count('stock-service', { key: id })) === 0) await cluster.advance('1m');
    expect(await letters.replay('stock-service', { key: id, to: 'group' })).toMatchObject({ replayed: 1 });
    while ((await letters.count('stock-service', { key: id })) === 1) await cluster.advance('1s');
    expect(await done(id)).toBe(0);
    const log = app.get(ConsumerLogRepository);
    expect(await log.retry({ groupName: 'stock-service', msgTag: 'cancelled', msgKey: id })).toBe(true);
    await letters.replay('stock-service', { key: id, to: 'group', limit: 1 });
    await until(async () => (await row('cancelled'))?.consumerStatus === ConsumerStatus.DONE);
    expect(await done(id)).toBe(1);
  });

  it('says so when a handler wants a transaction and has none', async () => {
    await app.get(RocketMQTemplate).send('order:careless', { id }, { keys: id });
    await until(async () =>
      (await cluster.messages('SCHEDULE_TOPIC_XXXX')).some(({ keys }) => keys.includes(id)),
    );
    expect(app.get(StockListener).attempts).toEqual([]);
  });

  it('sends what a transaction wrote to the outbox once that is committed', async () => {
    await app.get(OrderService).cancel({ id });
    await until(async () => (await done(id)) === 1);
    const sent = await cluster.messages('order:cancelled');
    const [message] = sent.filter(({ keys }) => keys.includes(id));
    expect(message?.body.toString()).toBe(JSON.stringify({ id }));
    expect(message?.properties.get('contentType')).toBe('application/json');
    await until(async () => (await app.get(OutboxRepository).backlog()).count === 0);
  });

  it('sends nothing of a transaction that was rolled back', async () => {
    await expect(app.get(OrderService).cancel({ id }, true)).rejects.toThrow('the order is locked');
    await app.get(OutboxRelay).flush();
    expect(await done(`cancel ${id}`)).toBe(0);
    expect((await cluster.messages('order')).filter(({ keys }) => keys.includes(id))).toEqual([]);
  });

  it('knows what was recorded for the check of a transactional message', async () => {
    const outbox = app.get(Outbox);
    const { manager } = database.dataSource;
    expect(await outbox.recorded('pay', id)).toBe(false);
    await manager.transaction((transaction) => outbox.record(transaction, 'pay:paid', { id }, { keys: id }));
    expect(await outbox.recorded('pay', id)).toBe(true);
    await app.get(OutboxRelay).flush();
    expect(await cluster.messages('pay')).toEqual([]);
  });

  it('refuses what could never be sent before it is written', async () => {
    const outbox = app.get(Outbox);
    const { manager } = database.dataSource;
    await expect(outbox.send(manager, ':no-topic', { id })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(outbox.send(manager, 'order', '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(outbox.send(manager, 'order', { id }, { headers: { TAGS: 'x' } })).rejects.toThrow(
      'destination',
    );
  });
});

describe('the options of ConsumerLogModule', () => {
  it('are checked at boot', async () => {
    const wrong = { group: 'g', outbox: { intervall: '1s' }, consumer: { processingTimeout: 'soon' } };
    await expect(start(wrong as object, [])).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(
        /consumer\.processingTimeout: Not a duration.*outbox: .*intervall/,
      ) as unknown as string,
    });
  });

  it('need a name of who sends', async () => {
    await expect(start({}, [])).rejects.toThrow('group is missing');
  });

  it('take another transport, and a relay in another process', async () => {
    const sent: string[] = [];
    const transport: OutboxTransport = { send: async ({ msgKey }) => void sent.push(msgKey) };
    const app = await start({ group: 'elsewhere', outbox: { transport, relay: false } }, []);
    await app.get(Outbox).send(database.dataSource.manager, 'order', {}, { keys: 'k' });
    expect(await app.get(OutboxRepository).backlog()).toMatchObject({ count: 1 });
    expect(await app.get(OutboxRelay).flush()).toBe(1);
    expect(sent).toEqual(['k']);
    await app.close();
  });
});
