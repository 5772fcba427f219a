import { DataSource, type DataSourceOptions } from 'typeorm';
import { isMySql } from '../common/database/database-options.ts';
import type {
  Books,
  CouponRow,
  GoodsRow,
  MoneyLogRow,
  OrderRow,
  PaymentRow,
  StockLogRow,
  UnfinishedRow,
  UserRow,
} from './books.ts';

const SCHEMAS = ['shop_order', 'shop_goods', 'shop_coupon', 'shop_user', 'shop_pay'];

/** Opens a database for {@link readBooks}. */
export function openBooks(url: string): Promise<DataSource> {
  const options: DataSourceOptions = isMySql(url)
    ? {
        type: 'mysql',
        url: url.replace(/^mariadb:/, 'mysql:'),
        supportBigNumbers: true,
        bigNumberStrings: true,
        extra: { connectionLimit: 1 },
      }
    : { type: 'postgres', url, extra: { max: 1 } };
  return new DataSource(options).initialize();
}

/**
 * Reads what every service has written down. No service can do that: each has its own database; whoever checks the books looks into
 * all of them.
 * @throws what the database throws: the shop never ran on it
 */
export async function readBooks(database: DataSource): Promise<Books> {
  const read = <Row>(table: string, columns: string, where = ''): Promise<Row[]> =>
    rows<Row>(database, `SELECT ${columns} FROM ${table} ${where}`);
  const unfinished: UnfinishedRow[] = [];
  for (const schema of SCHEMAS) unfinished.push(...(await readUnfinished(database, schema)));
  return {
    orders: await read<OrderRow>(
      'shop_order.trade_order',
      'order_id, user_id, order_status, pay_status, goods_id, goods_number, order_amount, coupon_id, coupon_paid, money_paid, pay_amount',
      'ORDER BY order_id',
    ),
    goods: await read<GoodsRow>('shop_goods.trade_goods', 'goods_id, goods_number'),
    stockLog: await read<StockLogRow>(
      'shop_goods.trade_goods_number_log',
      'goods_id, order_id, direction, goods_number',
    ),
    coupons: await read<CouponRow>('shop_coupon.trade_coupon', 'coupon_id, user_id, order_id, is_used'),
    users: await read<UserRow>('shop_user.trade_user', 'user_id, user_money, user_score'),
    moneyLog: await read<MoneyLogRow>(
      'shop_user.trade_user_money_log',
      'user_id, order_id, money_log_type, use_money',
    ),
    payments: await read<PaymentRow>('shop_pay.trade_pay', 'pay_id, order_id, pay_amount, is_paid'),
    unfinished,
  };
}

/** Messages that are still to be sent, and those that were delivered and are not done. */
async function readUnfinished(database: DataSource, schema: string): Promise<UnfinishedRow[]> {
  const unsent = await rows<{ msgTag: string; msgKey: string; remark: string }>(
    database,
    `SELECT msg_tag, msg_key, remark FROM ${schema}.trade_mq_producer_temp WHERE msg_status <> 1`,
  );
  const undone = await rows<{ groupName: string; msgTag: string; msgKey: string; remark: string }>(
    database,
    `SELECT group_name, msg_tag, msg_key, remark FROM ${schema}.trade_mq_consumer_log WHERE consumer_status <> 1`,
  );
  return [
    ...unsent.map(({ msgTag, msgKey, remark }) => ({
      schema,
      what: `${msgTag} is not sent`,
      key: msgKey,
      remark,
    })),
    ...undone.map(({ groupName, msgTag, msgKey, remark }) => ({
      schema,
      what: `${msgTag} is not done by ${groupName}`,
      key: msgKey,
      remark,
    })),
  ];
}

/** Rows with names in camelCase; drivers give ids and money as text. */
async function rows<Row>(database: DataSource, sql: string): Promise<Row[]> {
  const found = await database.query<Record<string, unknown>[]>(sql);
  return found.map(
    (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])) as Row,
  );
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
