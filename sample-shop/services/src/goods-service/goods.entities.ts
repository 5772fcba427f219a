import { Decimal } from 'decimal.js';
import { Column, Entity } from 'typeorm';
import type { Goods, Id } from '@sample-shop/api';
import { MoneyColumn, PrimaryIdColumn, StatusKeyColumn, TimeColumn } from '../common/database/columns.ts';

/** Goods that are sold, and how many are in stock. */
@Entity('trade_goods')
export class GoodsEntity {
  @PrimaryIdColumn('goods_id')
  goodsId!: Id;

  @Column({ name: 'goods_name', type: 'varchar', length: 255 })
  goodsName!: string;

  @Column({ name: 'goods_number', type: 'int' })
  goodsNumber!: number;

  @MoneyColumn('goods_price')
  goodsPrice!: Decimal;

  @Column({ name: 'goods_desc', type: 'varchar', length: 1000 })
  goodsDesc!: string;

  @TimeColumn('add_time')
  addTime!: Date;
}

/** `direction` of a log row. */
export const StockDirection = { INITIAL: 0, TAKEN: 1, GIVEN_BACK: 2 } as const;

/**
 * What was done to the stock for an order: at most once taken, and once given back. A row that gives back nothing says that the
 * order is cancelled, so that nothing can be taken for it any more.
 */
@Entity('trade_goods_number_log')
export class GoodsNumberLogEntity {
  @PrimaryIdColumn('goods_id')
  goodsId!: Id;

  @PrimaryIdColumn('order_id')
  orderId!: Id;

  @StatusKeyColumn('direction')
  direction!: number;

  /** Negative: taken. Positive: given back. */
  @Column({ name: 'goods_number', type: 'int' })
  goodsNumber!: number;

  @TimeColumn('log_time')
  logTime!: Date;
}

/** As other services see it. */
export function toGoods({ goodsPrice, addTime, ...goods }: GoodsEntity): Goods {
  return { ...goods, goodsPrice: goodsPrice.toFixed(2), addTime: addTime.toISOString() };
}
