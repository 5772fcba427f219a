import type { DataSource, EntityManager, SelectQueryBuilder, ObjectLiteral } from 'typeorm';
import {
  OutboxStatus,
  type Lease,
  type OutboxMessage,
  type OutboxQuery,
  type OutboxRecord,
  type OutboxStore,
  type Settlement,
} from '../outbox/outbox-store.ts';
import { storableKey } from '../log/storable-text.ts';
import { OUTBOX_COLUMNS, outboxRecord, outboxRow, type OutboxRow } from './outbox-row.ts';
import { DEFAULT_TABLES, dialectOf, tablePath } from './tables.ts';

/** The outbox in a table of PostgreSQL, MySQL or MariaDB, through TypeORM; it needs no entity of the data source. */
export class TypeOrmOutboxStore implements OutboxStore<EntityManager> {
  readonly #dataSource: DataSource;
  readonly #table: string;

  /** @throws RocketMQError `INVALID_CONFIG` when the data source is of another kind of database */
  constructor(dataSource: DataSource, table: string = DEFAULT_TABLES.producerTemp) {
    dialectOf(dataSource);
    this.#dataSource = dataSource;
    this.#table = tablePath(dataSource, table);
  }

  async add(message: OutboxMessage, status: OutboxStatus, transaction: EntityManager): Promise<void> {
    const row = outboxRow(message, status, storableKey(message.hashKey));
    await transaction.createQueryBuilder().insert().into(this.#table, Object.keys(row)).values(row).execute();
  }

  async claim(groupName: string, lease: Lease, limit: number): Promise<OutboxRecord[]> {
    const { owner, now, until } = lease;
    const due = await this.#due(groupName, now).orderBy('t.id').limit(limit).getRawMany<{ id: string }>();
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    await this.#update({ lease_owner: owner, lease_until: until })
      .where(`id IN (:...ids) AND msg_status = ${OutboxStatus.PENDING} AND lease_until <= :now`, { ids, now })
      .execute();
    const overtaking = await this.#releaseOvertaking(owner);
    const rows = await this.#select()
      .where('t.lease_owner = :owner', { owner })
      .orderBy('t.id')
      .getRawMany<OutboxRow>();
    return rows.filter(({ id }) => !overtaking.has(String(id))).map(outboxRecord);
  }

  async settle(id: string, owner: string, settlement: Settlement): Promise<boolean> {
    const { msgStatus, statusTime, sendTimes, remark } = settlement;
    const { affected } = await this.#update({
      msg_status: msgStatus,
      status_time: statusTime,
      send_times: sendTimes,
      remark,
      lease_owner: '',
      lease_until: 0,
    })
      .where('id = :id AND lease_owner = :owner', { id, owner })
      .execute();
    return affected === 1;
  }

  /** The messages that meet a query, the oldest first. */
  async list({ groupName, status, msgTopic, msgKey, limit }: OutboxQuery): Promise<OutboxRecord[]> {
    const selection = this.#select();
    if (groupName !== undefined) selection.andWhere('t.group_name = :groupName', { groupName });
    if (status !== undefined) selection.andWhere('t.msg_status = :status', { status });
    if (msgTopic !== undefined) selection.andWhere('t.msg_topic = :msgTopic', { msgTopic });
    if (msgKey !== undefined) selection.andWhere('t.msg_key = :msgKey', { msgKey });
    const rows = await selection.orderBy('t.id').limit(limit).getRawMany<OutboxRow>();
    return rows.map(outboxRecord);
  }

  async requeue(id: string, now: number): Promise<boolean> {
    const { affected } = await this.#update({
      msg_status: OutboxStatus.PENDING,
      status_time: now,
      send_times: 0,
    })
      .where(`id = :id AND msg_status = ${OutboxStatus.FAILED}`, { id })
      .execute();
    return affected === 1;
  }

  async backlog(groupName: string): Promise<{ count: number; oldest: number | undefined }> {
    const found = await this.#dataSource
      .createQueryBuilder()
      .select('COUNT(*)', 'count')
      .addSelect('MIN(t.create_time)', 'oldest')
      .from(this.#table, 't')
      .where(`t.msg_status = ${OutboxStatus.PENDING} AND t.group_name = :groupName`, { groupName })
      .getRawOne<{ count: number | string; oldest: number | string | null }>();
    const oldest = found?.oldest ?? undefined;
    return { count: Number(found?.count ?? 0), oldest: oldest === undefined ? undefined : Number(oldest) };
  }

  async purge(status: OutboxStatus, before: number, limit: number): Promise<number> {
    const old = await this.#dataSource
      .createQueryBuilder()
      .select('t.id', 'id')
      .from(this.#table, 't')
      .where('t.msg_status = :status AND t.status_time < :before', { status, before })
      .orderBy('t.id')
      .limit(limit)
      .getRawMany<{ id: string }>();
    if (old.length === 0) return 0;
    const { affected } = await this.#dataSource
      .createQueryBuilder()
      .delete()
      .from(this.#table)
      .where('id IN (:...ids) AND msg_status = :status', { ids: old.map(({ id }) => id), status })
      .execute();
    return affected ?? 0;
  }

  /** What may be sent: with a hash key only if nothing earlier of that key waits or is leased. */
  #due(groupName: string, now: number): SelectQueryBuilder<ObjectLiteral> {
    return this.#dataSource
      .createQueryBuilder()
      .select('t.id', 'id')
      .from(this.#table, 't')
      .where(`t.msg_status = ${OutboxStatus.PENDING} AND t.group_name = :groupName`, { groupName })
      .andWhere('t.status_time <= :now AND t.lease_until <= :now', { now })
      .andWhere(
        `(t.hash_key = '' OR NOT EXISTS (${this.#earlier()} AND (e.lease_until > :now OR e.status_time > :now)))`,
      );
  }

  /**
   * Two relays that look at the same time may see different parts of what is due: one that got a message, but not an earlier
   * one of its hash key, gives it back.
   */
  async #releaseOvertaking(owner: string): Promise<Set<string>> {
    const overtaking = await this.#dataSource
      .createQueryBuilder()
      .select('t.id', 'id')
      .from(this.#table, 't')
      .where('t.lease_owner = :owner', { owner })
      .andWhere(`t.hash_key <> '' AND EXISTS (${this.#earlier()} AND e.lease_owner <> :owner)`)
      .getRawMany<{ id: string }>();
    const ids = overtaking.map(({ id }) => String(id));
    if (ids.length > 0) {
      await this.#update({ lease_owner: '', lease_until: 0 })
        .where('id IN (:...ids) AND lease_owner = :owner', { ids, owner })
        .execute();
    }
    return new Set(ids);
  }

  /** The pending messages `e` of the same group and hash key that were written before `t`. */
  #earlier(): string {
    const { driver } = this.#dataSource;
    const table = this.#table
      .split('.')
      .map((name) => driver.escape(name))
      .join('.');
    return `SELECT 1 FROM ${table} e WHERE e.hash_key = t.hash_key AND e.group_name = t.group_name AND e.msg_status = ${OutboxStatus.PENDING} AND e.id < t.id`;
  }

  #select(): SelectQueryBuilder<ObjectLiteral> {
    return this.#dataSource
      .createQueryBuilder()
      .select(OUTBOX_COLUMNS.map((column) => `t.${column}`))
      .from(this.#table, 't');
  }

  #update(changes: Partial<OutboxRow>) {
    return this.#dataSource.createQueryBuilder().update(this.#table).set(changes);
  }
}
