import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { OrderEntity } from './order.entity.ts';

export class CreateOrderTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(
      queryRunner,
      'trade_order',
      [
        column.key('order_id'),
        column.id('user_id'),
        column.status('order_status'),
        column.status('pay_status'),
        column.status('shipping_status'),
        column.text('address', 255),
        column.text('consignee', 255),
        column.id('goods_id'),
        column.count('goods_number'),
        column.money('goods_price'),
        column.money('goods_amount'),
        column.money('shipping_fee'),
        column.money('order_amount'),
        column.id('coupon_id', { isNullable: true }),
        column.money('coupon_paid'),
        column.money('money_paid'),
        column.money('pay_amount'),
        column.time('add_time'),
        column.time('confirm_time', { isNullable: true }),
        column.time('pay_time', { isNullable: true }),
      ],
      [
        { name: 'idx_trade_order_user', columnNames: ['user_id'] },
        { name: 'idx_trade_order_status', columnNames: ['order_status', 'add_time'] },
      ],
    );
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
    await dropTable(queryRunner, 'trade_order');
  }
}

/** The database of the order service. */
export const ORDER_DATABASE = {
  schema: 'shop_order',
  entities: [OrderEntity],
  migrations: [CreateOrderTables1790000000000],
};
