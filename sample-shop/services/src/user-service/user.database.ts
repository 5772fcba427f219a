import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { UserEntity, UserMoneyLogEntity } from './user.entities.ts';

export class CreateUserTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(queryRunner, 'trade_user', [
      column.key('user_id'),
      column.text('user_name', 255),
      column.text('user_password', 255),
      column.text('user_mobile', 32),
      column.count('user_score'),
      column.time('user_reg_time'),
      column.money('user_money'),
    ]);
    await createTable(queryRunner, 'trade_user_money_log', [
      column.key('user_id'),
      column.key('order_id'),
      column.statusKey('money_log_type'),
      column.money('use_money'),
      column.time('create_time'),
    ]);
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
    await dropTable(queryRunner, 'trade_user_money_log');
    await dropTable(queryRunner, 'trade_user');
  }
}

/** The database of the user service. */
export const USER_DATABASE = {
  schema: 'shop_user',
  entities: [UserEntity, UserMoneyLogEntity],
  migrations: [CreateUserTables1790000000000],
};
