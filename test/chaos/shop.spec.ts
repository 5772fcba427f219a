import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OrderStatus, PayStatus } from '@sample-shop/api';
import { checkBooks, describeBooks, readBooks, type Books } from '@sample-shop/services';
import type { DataSource } from 'typeorm';
import type { TestDatabase } from '../../libs/consumer-log/spec-support/databases.ts';
import { mariadb, postgres } from '../../libs/consumer-log/spec-support/servers.ts';
import { Customers } from './shop/customers.ts';
import { randomBelow } from './shop/random.ts';
import { ShopProcesses, VICTIMS } from './shop/shop-processes.ts';

/** `SHOP_CHAOS_KILLS=50` is the long form; `SHOP_CHAOS_DATABASE=mariadb`; a seed makes the same choices again. */
const KILLS = Number(process.env['SHOP_CHAOS_KILLS'] ?? 4);
const SEED = Number(process.env['SHOP_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const KIND = process.env['SHOP_CHAOS_DATABASE'] === 'mariadb' ? mariadb : postgres;
const LANES = 4;
const LONGEST_LIFE_MS = 1500;
const PATIENCE_MS = 120_000;
/** On a busy machine: to start everything, and for each kill. */
const LONGEST_MS = 600_000 + KILLS * 60_000;
/** Enough of everything that orders go on to succeed. */
const PLENTY = 1_000_000;

const describeShop = KIND.missing === undefined ? describe : describe.skip;

describeShop(`kill -9 under a stream of orders and payments, on ${KIND.name} ${KIND.missing ?? ''}`, () => {
  let folder: string;
  let database: TestDatabase;
  let shop: ShopProcesses | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shop-chaos-'));
    database = await KIND.start();
  });

  afterEach(async () => {
    await shop?.stop();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    `${KILLS} times (seed ${SEED}): the books balance, and no order is left half done`,
    async () => {
      const choose = randomBelow(SEED);
      shop = await ShopProcesses.start(folder, database.url);
      await stockUp(database.dataSource);
      const customers = new Customers(shop, LANES, choose);
      customers.start();
      const killed: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        await pause(choose(LONGEST_LIFE_MS));
        const victim = [...VICTIMS, 'connections' as const][choose(VICTIMS.length + 1)] ?? 'connections';
        killed.push(victim);
        if (victim === 'connections') {
          await cutConnections(database.dataSource);
          continue;
        }
        await shop.kill(victim);
        await pause(choose(LONGEST_LIFE_MS));
        await shop.restart(victim);
      }
      // Where everything takes long, they have not been served often yet.
      const enough = (): boolean => customers.placed.size > KILLS && customers.paid.size > 0;
      for (const end = Date.now() + PATIENCE_MS; !enough() && Date.now() < end;) await pause(250);
      await customers.stop();
      expect(shop.ended).toEqual([]);

      const { books, problems } = await settled(database.dataSource);
      const codes = [...customers.codes].map(([code, count]) => `${code} ${count}`).join(', ');
      console.log([`killed: ${killed.join(', ')}`, codes, ...describeBooks(books)].join('\n'));
      expect(problems).toEqual([]);
      expect(missingFrom(books, customers)).toEqual([]);
      expect(await unlogged(database.dataSource)).toEqual([]);
      // A process may die in the moment between a change and the note of it, and nothing more may be missing.
      expect((await untold(database.dataSource)).length).toBeLessThanOrEqual(KILLS);
      expect(customers.placed.size).toBeGreaterThan(KILLS);
      expect(customers.paid.size).toBeGreaterThan(0);
    },
    LONGEST_MS,
  );
});

/** Waits until there is nothing more to do; what is left then is a problem. */
async function settled(dataSource: DataSource): Promise<{ books: Books; problems: string[] }> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const books = await readBooks(dataSource);
    const problems = [...checkBooks(books), ...undecided(books)];
    if (problems.length === 0 || Date.now() > deadline) return { books, problems };
    await pause(250);
  }
}

/** In the end an order is paid or cancelled: its time to pay was over. */
function undecided({ orders }: Books): string[] {
  return orders
    .filter(
      ({ orderStatus, payStatus }) => orderStatus === OrderStatus.CONFIRMED && payStatus !== PayStatus.PAID,
    )
    .map(({ orderId }) => `order ${orderId} is neither paid nor cancelled`);
}

/** What customers were told, and is not so. */
function missingFrom({ orders, payments }: Books, customers: Customers): string[] {
  const known = new Set(orders.map(({ orderId }) => orderId));
  const made = new Set(payments.filter(({ isPaid }) => isPaid === PayStatus.PAID).map(({ payId }) => payId));
  return [
    ...[...customers.placed].filter((id) => !known.has(id)).map((id) => `order ${id} is not there`),
    ...[...customers.paid].filter((id) => !made.has(id)).map((id) => `payment ${id} was not made`),
  ];
}

/** Payments that were made, and are not in the payment log. */
function unlogged(dataSource: DataSource): Promise<unknown[]> {
  return dataSource.query(
    'SELECT pay_id FROM shop_pay.trade_pay WHERE is_paid = 2 AND pay_id NOT IN (SELECT pay_id FROM shop_pay.trade_pay_log)',
  );
}

/** Paid orders whose timeline does not say that their payment was consumed. */
function untold(dataSource: DataSource): Promise<unknown[]> {
  return dataSource.query(
    'SELECT order_id FROM shop_order.trade_order WHERE pay_status = 2 AND pay_amount > 0 AND order_id NOT IN ' +
      "(SELECT order_id FROM shop_timeline.trade_mq_timeline WHERE event_kind = 'consumed' AND group_name = 'order-service-paid')",
  );
}

/** More goods and balance, also in the logs that say what there was at first. */
async function stockUp(dataSource: DataSource): Promise<void> {
  for (const statement of [
    `UPDATE shop_goods.trade_goods SET goods_number = goods_number + ${PLENTY}`,
    `UPDATE shop_goods.trade_goods_number_log SET goods_number = goods_number + ${PLENTY} WHERE direction = 0`,
    `UPDATE shop_user.trade_user SET user_money = user_money + ${PLENTY}`,
    `UPDATE shop_user.trade_user_money_log SET use_money = use_money + ${PLENTY} WHERE money_log_type = 0`,
  ])
    await dataSource.query(statement);
}

/** Ends every connection to the database but this one. */
async function cutConnections(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type === 'postgres') {
    await dataSource.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()',
    );
    return;
  }
  const rows = await dataSource.query<{ id: number }[]>(
    'SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db IS NOT NULL',
  );
  for (const { id } of rows) await dataSource.query(`KILL ${id}`).catch(() => undefined);
}
