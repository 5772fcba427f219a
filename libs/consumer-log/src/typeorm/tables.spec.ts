import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { EmbeddedDatabase } from '../pglite/index.ts';
import { ConsumerLog } from '../log/consumer-log.ts';
import { OutboxStatus } from '../outbox/outbox-store.ts';
import { createConsumerLogTables, dropConsumerLogTables } from './tables.ts';
import { TypeOrmConsumerLogStore } from './typeorm-consumer-log-store.ts';
import { TypeOrmOutboxStore } from './typeorm-outbox-store.ts';

class AddConsumerLog1760000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createConsumerLogTables(queryRunner, { consumerLog: 'consumed' });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner, { consumerLog: 'consumed' });
  }
}

let database: EmbeddedDatabase;

beforeAll(async () => {
  database = await EmbeddedDatabase.start();
}, 60_000);
afterAll(() => database.close());

async function open(schema?: string): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: [AddConsumerLog1760000000000],
    ...(schema === undefined ? {} : { schema }),
  });
  return dataSource.initialize();
}

const MESSAGE = { groupName: 'g', msgTag: 't', msgKey: 'k', msgId: 'i', msgBody: '{}' };

async function consume(dataSource: DataSource): Promise<string> {
  const store = new TypeOrmConsumerLogStore(dataSource, 'consumed');
  const settings = { maxFailures: 3, processingTimeout: 1_000 };
  const log = new ConsumerLog(store, settings, new ManualClock(), silentLogger);
  return (await log.consume(MESSAGE, () => Promise.resolve())).outcome;
}

describe('the tables', () => {
  it('come and go with a migration of the application, each schema with its own', async () => {
    const admin = await open();
    await admin.query('CREATE SCHEMA shop_order');
    await admin.query('CREATE SCHEMA shop_stock');
    for (const schema of ['shop_order', 'shop_stock']) {
      const dataSource = await open(schema);
      expect(await dataSource.runMigrations()).toHaveLength(1);
      expect(await consume(dataSource)).toBe('consumed');
      expect(await consume(dataSource)).toBe('duplicate');
      const outbox = new TypeOrmOutboxStore(dataSource);
      const message = { groupName: 'g', msgTopic: 't', msgTag: '', msgKey: '', hashKey: 'h', createTime: 1 };
      await outbox.add(
        { ...message, body: Buffer.from('x'), fields: {} },
        OutboxStatus.PENDING,
        dataSource.manager,
      );
      expect(await outbox.claim('g', { owner: schema, now: 1, until: 2 }, 9)).toHaveLength(1);
      await dataSource.destroy();
    }
    const dataSource = await open('shop_order');
    await dataSource.undoLastMigration();
    const left: { table_schema: string }[] = await admin.query(
      "SELECT table_schema FROM information_schema.tables WHERE table_name IN ('consumed', 'trade_mq_producer_temp')",
    );
    expect(left.map(({ table_schema }) => table_schema)).toEqual(['shop_stock', 'shop_stock']);
    await dataSource.destroy();
    await admin.destroy();
  });

  it('may be created by several processes at the same time, and again', async () => {
    const dataSource = await open();
    const create = async (): Promise<void> => {
      const queryRunner = dataSource.createQueryRunner();
      await createConsumerLogTables(queryRunner, { consumerLog: 'consumed' });
      await queryRunner.release();
    };
    await Promise.all([create(), create(), create()]);
    await create();
    expect(await consume(dataSource)).toBe('consumed');
    await dataSource.destroy();
  });

  it('can not be of a database that has no transactions of its own', () => {
    const dataSource = new DataSource({ type: 'postgres' });
    Object.assign(dataSource.options, { type: 'mongodb' });
    expect(() => new TypeOrmConsumerLogStore(dataSource)).toThrow('postgres, mysql or mariadb, not mongodb');
    expect(() => new TypeOrmOutboxStore(dataSource)).toThrow('postgres, mysql or mariadb, not mongodb');
  });
});
