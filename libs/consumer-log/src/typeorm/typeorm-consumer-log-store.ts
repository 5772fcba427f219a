import type { DataSource, EntityManager } from 'typeorm';
import {
  ConsumerStatus,
  type ConsumedMessageId,
  type ConsumerLogQuery,
  type ConsumerLogRecord,
  type ConsumerLogState,
  type ConsumerLogStore,
} from '../log/consumer-log-store.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { DEFAULT_TABLES, dialectOf, tablePath } from './tables.ts';

/** A row as drivers give it: 64-bit numbers may be text. */
interface Row {
  group_name: string;
  msg_tag: string;
  msg_key: string;
  msg_id: string;
  msg_body: string;
  consumer_status: number | string;
  consumer_times: number | string;
  consumer_timestamp: number | string;
  remark: string;
}

const COLUMNS = [
  'group_name',
  'msg_tag',
  'msg_key',
  'msg_id',
  'msg_body',
  'consumer_status',
  'consumer_times',
  'consumer_timestamp',
  'remark',
] as const;

const SAME_ID = 'group_name = :groupName AND msg_tag = :msgTag AND msg_key = :msgKey';
const SAME_STATE =
  'consumer_status = :consumerStatus AND consumer_times = :consumerTimes AND consumer_timestamp = :consumerTimestamp';

/** The consumer log in a table of PostgreSQL, MySQL or MariaDB, through TypeORM; it needs no entity of the data source. */
export class TypeOrmConsumerLogStore implements ConsumerLogStore<EntityManager> {
  readonly #dataSource: DataSource;
  readonly #table: string;

  /** @throws RocketMQError `INVALID_CONFIG` when the data source is of another kind of database */
  constructor(dataSource: DataSource, table: string = DEFAULT_TABLES.consumerLog) {
    dialectOf(dataSource);
    this.#dataSource = dataSource;
    this.#table = tablePath(dataSource, table);
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#dataSource.transaction(work);
  }

  async insert(record: ConsumerLogRecord): Promise<boolean> {
    const row: Row = {
      group_name: record.groupName,
      msg_tag: record.msgTag,
      msg_key: record.msgKey,
      msg_id: record.msgId,
      msg_body: record.msgBody,
      consumer_status: record.consumerStatus,
      consumer_times: record.consumerTimes,
      consumer_timestamp: record.consumerTimestamp,
      remark: record.remark,
    };
    const insertion = this.#dataSource
      .createQueryBuilder()
      .insert()
      .into(this.#table, [...COLUMNS])
      .values(row);
    try {
      await insertion.execute();
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async find({ groupName, msgTag, msgKey }: ConsumedMessageId): Promise<ConsumerLogRecord | undefined> {
    const row = await this.#select().where(SAME_ID, { groupName, msgTag, msgKey }).getRawOne<Row>();
    return row && record(row);
  }

  async compareAndSet(
    { groupName, msgTag, msgKey }: ConsumedMessageId,
    { consumerStatus, consumerTimes, consumerTimestamp }: ConsumerLogState,
    next: ConsumerLogState,
    remark?: string,
    transaction: EntityManager = this.#dataSource.manager,
  ): Promise<boolean> {
    const { affected } = await transaction
      .createQueryBuilder()
      .update(this.#table)
      .set({
        consumer_status: next.consumerStatus,
        consumer_times: next.consumerTimes,
        consumer_timestamp: next.consumerTimestamp,
        ...(remark === undefined ? {} : { remark }),
      })
      .where(`${SAME_ID} AND ${SAME_STATE}`, {
        groupName,
        msgTag,
        msgKey,
        consumerStatus,
        consumerTimes,
        consumerTimestamp,
      })
      .execute();
    return affected === 1;
  }

  /** The rows that meet a query, the oldest first. */
  async list({ groupName, status, before, limit }: ConsumerLogQuery): Promise<ConsumerLogRecord[]> {
    const selection = this.#select();
    if (groupName !== undefined) selection.andWhere('group_name = :groupName', { groupName });
    if (status !== undefined) selection.andWhere('consumer_status = :status', { status });
    if (before !== undefined) selection.andWhere('consumer_timestamp < :before', { before });
    const rows = await selection
      .orderBy('consumer_timestamp')
      .addOrderBy('msg_key')
      .limit(limit)
      .getRawMany<Row>();
    return rows.map(record);
  }

  async purge(status: ConsumerStatus, before: number, limit: number): Promise<number> {
    let deleted = 0;
    for (const { groupName, msgTag, msgKey } of await this.list({ status, before, limit })) {
      const { affected } = await this.#dataSource
        .createQueryBuilder()
        .delete()
        .from(this.#table)
        .where(`${SAME_ID} AND consumer_status = :status AND consumer_timestamp < :before`, {
          groupName,
          msgTag,
          msgKey,
          status,
          before,
        })
        .execute();
      deleted += affected ?? 0;
    }
    return deleted;
  }

  #select() {
    return this.#dataSource
      .createQueryBuilder()
      .select(COLUMNS.map((column) => `t.${column}`))
      .from(this.#table, 't');
  }
}

function record(row: Row): ConsumerLogRecord {
  return {
    groupName: row.group_name,
    msgTag: row.msg_tag,
    msgKey: row.msg_key,
    msgId: row.msg_id,
    msgBody: row.msg_body,
    consumerStatus: Number(row.consumer_status) as ConsumerStatus,
    consumerTimes: Number(row.consumer_times),
    consumerTimestamp: Number(row.consumer_timestamp),
    remark: row.remark,
  };
}
