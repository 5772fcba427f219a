import type { Id, MoneyText } from '@sample-shop/api';

/** What the books need of an order. */
export interface OrderRow {
  readonly orderId: Id;
  readonly userId: Id;
  readonly orderStatus: number;
  readonly payStatus: number;
  readonly goodsId: Id;
  readonly goodsNumber: number;
  readonly orderAmount: MoneyText;
  readonly couponId: Id | null;
  readonly couponPaid: MoneyText;
  readonly moneyPaid: MoneyText;
  readonly payAmount: MoneyText;
}

export interface GoodsRow {
  readonly goodsId: Id;
  readonly goodsNumber: number;
}

export interface StockLogRow {
  readonly goodsId: Id;
  readonly orderId: Id;
  readonly direction: number;
  readonly goodsNumber: number;
}

export interface CouponRow {
  readonly couponId: Id;
  readonly userId: Id;
  readonly orderId: Id | null;
  readonly isUsed: number;
}

export interface UserRow {
  readonly userId: Id;
  readonly userMoney: MoneyText;
  readonly userScore: number;
}

export interface MoneyLogRow {
  readonly userId: Id;
  readonly orderId: Id;
  readonly moneyLogType: number;
  readonly useMoney: MoneyText;
}

export interface PaymentRow {
  readonly payId: Id;
  readonly orderId: Id;
  readonly payAmount: MoneyText;
  readonly isPaid: number;
}

/** Messages of a service that are not done. */
export interface UnfinishedRow {
  readonly schema: string;
  readonly what: string;
  readonly key: string;
  readonly remark: string;
}

/** What all services have written down, side by side. */
export interface Books {
  readonly orders: readonly OrderRow[];
  readonly goods: readonly GoodsRow[];
  readonly stockLog: readonly StockLogRow[];
  readonly coupons: readonly CouponRow[];
  readonly users: readonly UserRow[];
  readonly moneyLog: readonly MoneyLogRow[];
  readonly payments: readonly PaymentRow[];
  readonly unfinished: readonly UnfinishedRow[];
}
