import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { PaymentEntity, PaymentLogEntity } from './pay.entities.ts';

export class CreatePayTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(
      queryRunner,
      'trade_pay',
      [
        column.key('pay_id'),
        column.id('order_id'),
        column.id('user_id'),
        column.money('pay_amount'),
        column.status('is_paid'),
      ],
      [{ name: 'idx_trade_pay_order', columnNames: ['order_id'], isUnique: true }],
    );
    await createTable(queryRunner, 'trade_pay_log', [
      column.key('pay_id'),
      column.id('order_id'),
      column.id('user_id'),
      column.money('pay_amount'),
      column.text('msg_id', 255),
      column.time('log_time'),
    ]);
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
    await dropTable(queryRunner, 'trade_pay_log');
    await dropTable(queryRunner, 'trade_pay');
  }
}

/** The database of the pay service. */
export const PAY_DATABASE = {
  schema: 'shop_pay',
  entities: [PaymentEntity, PaymentLogEntity],
  migrations: [CreatePayTables1790000000000],
};
