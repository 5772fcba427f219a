import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { CouponEntity, CouponLogEntity } from './coupon.entities.ts';

export class CreateCouponTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(
      queryRunner,
      'trade_coupon',
      [
        column.key('coupon_id'),
        column.money('coupon_price'),
        column.id('user_id'),
        column.id('order_id', { isNullable: true }),
        column.status('is_used'),
        column.time('used_time', { isNullable: true }),
      ],
      [{ name: 'idx_trade_coupon_user', columnNames: ['user_id'] }],
    );
    await createTable(queryRunner, 'trade_coupon_log', [
      column.key('coupon_id'),
      column.key('order_id'),
      column.statusKey('direction'),
      column.time('log_time'),
    ]);
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
    await dropTable(queryRunner, 'trade_coupon_log');
    await dropTable(queryRunner, 'trade_coupon');
  }
}

/** The database of the coupon service. */
export const COUPON_DATABASE = {
  schema: 'shop_coupon',
  entities: [CouponEntity, CouponLogEntity],
  migrations: [CreateCouponTables1790000000000],
};
