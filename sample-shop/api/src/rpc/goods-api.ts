import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';
import { CHANGE, READ, rpcContract } from './contract.ts';
import type { HealthApi } from './health-api.ts';

/** Goods that are sold. */
export interface Goods {
  readonly goodsId: Id;
  readonly goodsName: string;
  /** How many are in stock. */
  readonly goodsNumber: number;
  readonly goodsPrice: MoneyText;
  readonly goodsDesc: string;
  /** ISO 8601. */
  readonly addTime: string;
}

/** Takes the stock of an order. */
export interface TakeStock {
  readonly orderId: Id;
  readonly goodsId: Id;
  readonly goodsNumber: number;
}

/** The goods service, as other services see it. */
export interface GoodsApi extends HealthApi {
  list(request: object): Promise<Goods[]>;
  /** @throws ShopError `GOODS_NOT_FOUND` */
  find(request: { goodsId: Id }): Promise<Goods>;
  /**
   * Takes stock for an order; again for the same order it does nothing more.
   * @throws ShopError `GOODS_NOT_FOUND`, `STOCK_NOT_ENOUGH`; `REDUCE_STOCK_FAILED` when the order was cancelled before
   */
  take(request: TakeStock): Promise<true>;
}

export const GOODS_RPC = rpcContract<GoodsApi>('goods-service', {
  list: READ,
  find: READ,
  take: CHANGE,
  health: READ,
});
