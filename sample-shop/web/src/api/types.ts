import type { FailAt } from '@sample-shop/api';

export type {
  Coupon,
  FailAt,
  Goods,
  Id,
  MoneyText,
  Order,
  Payment,
  PlacedOrder,
  PlaceOrder,
  ShopInfo,
  TimelineEntry,
  TimelineKind,
  User,
  UserDetail,
} from '@sample-shop/api';

/** What every request is answered with, whether it succeeded or not. */
export interface Answer<T> {
  success: boolean;
  code: string;
  message: string;
  data?: T;
}

/** `trade_order`'s `order_status`. */
export const OrderStatus = { unconfirmed: 0, confirmed: 1, cancelled: 2, invalid: 3, returned: 4 } as const;
/** `trade_order`'s `pay_status`. */
export const PayStatus = { unpaid: 0, paying: 1, paid: 2 } as const;

/** The steps of placing an order that can be made to fail, in the order they are taken. */
export const FAIL_AT = ['stock', 'coupon', 'balance', 'confirm', 'send'] as const satisfies FailAt[];
