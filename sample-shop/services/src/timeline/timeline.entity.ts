import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Id, TimelineEntry, TimelineKind } from '@sample-shop/api';
import { IdColumn, TimeColumn } from '../common/database/columns.ts';

/** Something that happened to a message of an order. */
@Entity('trade_mq_timeline')
export class TimelineEntity {
  /** Given where it happened, so that what is written twice is there once. */
  @PrimaryColumn({ name: 'event_id', type: 'varchar', length: 36 })
  eventId!: string;

  @IdColumn('order_id')
  orderId!: Id;

  @Column({ name: 'msg_topic', type: 'varchar', length: 255 })
  topic!: string;

  @Column({ name: 'msg_tag', type: 'varchar', length: 255 })
  tag!: string;

  @Column({ name: 'msg_key', type: 'varchar', length: 255 })
  key!: string;

  @Column({ name: 'msg_id', type: 'varchar', length: 255 })
  msgId!: string;

  @Column({ name: 'event_kind', type: 'varchar', length: 16 })
  kind!: TimelineKind;

  /** Who consumed, or sent it. */
  @Column({ name: 'group_name', type: 'varchar', length: 255 })
  group!: string;

  @Column({ name: 'attempt', type: 'int' })
  attempt!: number;

  @TimeColumn('event_time')
  time!: Date;
}

/** As other services see it. */
export function toTimelineEntry({ eventId: _id, orderId: _order, ...event }: TimelineEntity): TimelineEntry {
  return { ...event, time: event.time.toISOString() };
}
