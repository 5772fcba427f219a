import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestCluster } from '@nest-rocketmq/testing';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { DataSource, EntityManager } from 'typeorm';
import { pglite, type TestDatabase } from '../../spec-support/databases.ts';
import { countBusiness, insertBusiness } from '../../spec-support/store-suite.ts';
import {
  ConsumeOnce,
  ConsumerLogModule,
  ConsumerLogRepository,
  Transaction,
  type ConsumerLogModuleOptions,
} from '../index.ts';

interface Order {
  id: string;
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'coupon-service', topic: 'order', consumeMode: 'ORDERLY' })
@ConsumeOnce()
class CouponListener {
  constructor(readonly log: ConsumerLogRepository) {}

  async onMessage(@Payload() order: Order, @Transaction() manager: EntityManager): Promise<void> {
    await insertBusiness(manager, `coupon ${order.id}`);
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'user-service', topic: 'order' })
class UserListener {
  constructor(readonly log: ConsumerLogRepository) {}

  @RocketMQMessageListener({ tags: '*' })
  @ConsumeOnce()
  async refund(@Payload() order: Order, @Transaction() manager: EntityManager): Promise<void> {
    await insertBusiness(manager, `user ${order.id}`);
  }
}

@Injectable()
class LogOptions {
  createConsumerLogOptions(): ConsumerLogModuleOptions {
    return { createTables: true, tables: { consumerLog: 'user_consumer_log' }, outbox: { relay: false } };
  }
}

@Module({
  imports: [
    ConsumerLogModule.forRootAsync({
      isGlobal: false,
      dataSource: getDataSourceToken('coupons'),
      inject: [getDataSourceToken('coupons')],
      useFactory: (dataSource: DataSource) => ({
        group: `of-${dataSource.options.type}`,
        createTables: true,
      }),
    }),
  ],
  providers: [CouponListener],
})
class CouponModule {}

@Module({
  imports: [ConsumerLogModule.forRootAsync({ isGlobal: false, useClass: LogOptions })],
  providers: [UserListener],
})
class UserModule {}

describe('several modules with a log of their own', () => {
  let database: TestDatabase;
  let cluster: TestCluster;
  let app: TestingModule;

  beforeAll(async () => {
    [database, cluster] = await Promise.all([pglite.start(), TestCluster.start({ topics: ['order'] })]);
    await database.dataSource.query('CREATE SCHEMA coupons');
    const connection = { type: 'postgres', url: database.url } as const;
    @Module({
      imports: [
        TypeOrmModule.forRoot(connection),
        TypeOrmModule.forRoot({ ...connection, name: 'coupons', schema: 'coupons' }),
        RocketMQModule.forRoot(cluster.options({ producer: { group: 'shop' } })),
        CouponModule,
        UserModule,
      ],
    })
    class AppModule {}
    app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app.useLogger(false);
    await app.init();
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await cluster.stop();
    await database.close();
  });

  it('consume each message once, each in its own data source, in order or not', async () => {
    for (const copy of ['a', 'a', 'b'])
      await app.get(RocketMQTemplate).send('order:cancelled', { id: copy }, { keys: copy, hashKey: 'user' });
    for (const group of ['coupon-service', 'user-service'])
      await cluster.delivered({ group, key: 'b', outcome: 'consumed' });
    // A copy that came while the first one was in process waits for a retry.
    for (const group of ['coupon-service', 'user-service'])
      await cluster.delivered({ group, key: 'a', outcome: 'consumed' });
    const { manager } = database.dataSource;
    for (const name of ['coupon a', 'coupon b', 'user a', 'user b'])
      expect(await countBusiness(manager, name)).toBe(1);
    const rows = (table: string): Promise<{ group_name: string }[]> =>
      manager.query(`SELECT DISTINCT group_name FROM ${table}`);
    expect(await rows('coupons.trade_mq_consumer_log')).toEqual([{ group_name: 'coupon-service' }]);
    expect(await rows('user_consumer_log')).toEqual([{ group_name: 'user-service' }]);
  });

  it('show each its own rows', async () => {
    const id = { msgTag: 'cancelled', msgKey: 'a' };
    const [coupons, users] = [app.get(CouponListener), app.get(UserListener)].map(({ log }) => log);
    expect(await coupons?.find({ ...id, groupName: 'coupon-service' })).toMatchObject({ consumerTimes: 0 });
    expect(await coupons?.find({ ...id, groupName: 'user-service' })).toBeUndefined();
    expect(await users?.find({ ...id, groupName: 'user-service' })).toMatchObject({ consumerTimes: 0 });
  });
});
