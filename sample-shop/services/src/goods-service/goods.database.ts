import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { GoodsEntity, GoodsNumberLogEntity } from './goods.entities.ts';

export class CreateGoodsTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(queryRunner, 'trade_goods', [
      column.key('goods_id'),
      column.text('goods_name', 255),
      column.count('goods_number'),
      column.money('goods_price'),
      column.text('goods_desc', 1000),
      column.time('add_time'),
    ]);
    await createTable(queryRunner, 'trade_goods_number_log', [
      column.key('goods_id'),
      column.key('order_id'),
      column.statusKey('direction'),
      column.count('goods_number'),
      column.time('log_time'),
    ]);
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
    await dropTable(queryRunner, 'trade_goods_number_log');
    await dropTable(queryRunner, 'trade_goods');
  }
}

/** The database of the goods service. */
export const GOODS_DATABASE = {
  schema: 'shop_goods',
  entities: [GoodsEntity, GoodsNumberLogEntity],
  migrations: [CreateGoodsTables1790000000000],
};
