import { LessThan, type DataSource } from 'typeorm';
import type { Id } from '@sample-shop/api';
import { openDatabase } from '../common/database/open-database.ts';
import { TIMELINE_DATABASE } from './timeline.database.ts';
import { TimelineEntity } from './timeline.entity.ts';

/** Its own connection: what is written here is in no transaction of a service, and takes none of its connections. */
const CONNECTIONS = 1;
/** How many events of an order are read at most, the latest. */
const LONGEST_TIMELINE = 1000;

/** The timelines of all orders in the database. It is opened when it is first needed, and again when that failed. */
export class TimelineStore {
  readonly #url: string;
  #opening: Promise<DataSource> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** Writes events; those that are there are left as they are. @throws what the database throws */
  async write(events: readonly TimelineEntity[]): Promise<void> {
    const { manager } = await this.#open();
    const insert = manager.createQueryBuilder().insert().into(TimelineEntity);
    await insert
      .values([...events])
      .orIgnore()
      .updateEntity(false)
      .execute();
  }

  /** The events of an order, in no order. @throws what the database throws */
  async read(orderId: Id): Promise<TimelineEntity[]> {
    const { manager } = await this.#open();
    return manager.find(TimelineEntity, {
      where: { orderId },
      order: { time: 'DESC' },
      take: LONGEST_TIMELINE,
    });
  }

  /** Forgets what happened before a time. @throws what the database throws */
  async prune(before: Date): Promise<void> {
    const { manager } = await this.#open();
    await manager.delete(TimelineEntity, { time: LessThan(before) });
  }

  async close(): Promise<void> {
    const dataSource = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    await dataSource?.destroy();
  }

  #open(): Promise<DataSource> {
    this.#opening ??= openDatabase(this.#url, CONNECTIONS, TIMELINE_DATABASE).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }
}
