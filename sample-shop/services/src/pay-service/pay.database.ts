import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createConsumerLogTables, dropConsumerLogTables } from '@nest-rocketmq/consumer-log';

export class CreatePayTables1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createConsumerLogTables(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropConsumerLogTables(queryRunner);
  }
}

/** The database of the pay service. */
export const PAY_DATABASE = {
  schema: 'shop_pay',
  entities: [] as (new () => object)[],
  migrations: [CreatePayTables1790000000000],
};
