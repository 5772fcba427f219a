import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, dropTable } from '../common/database/tables.ts';
import { TimelineEntity } from './timeline.entity.ts';

export class CreateTimelineTable1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTable(
      queryRunner,
      'trade_mq_timeline',
      [
        { ...column.text('event_id', 36), isPrimary: true },
        column.id('order_id'),
        column.text('msg_topic', 255),
        column.text('msg_tag', 255),
        column.text('msg_key', 255),
        column.text('msg_id', 255),
        column.text('event_kind', 16),
        column.text('group_name', 255),
        column.count('attempt'),
        column.time('event_time'),
      ],
      [
        { name: 'idx_trade_mq_timeline_order', columnNames: ['order_id'] },
        { name: 'idx_trade_mq_timeline_time', columnNames: ['event_time'] },
      ],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropTable(queryRunner, 'trade_mq_timeline');
  }
}

/** What all services write down of their messages. It is nobody's business data: a shop does without it. */
export const TIMELINE_DATABASE = {
  schema: 'shop_timeline',
  entities: [TimelineEntity],
  migrations: [CreateTimelineTable1790000000000],
};
