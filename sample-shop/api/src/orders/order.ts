import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';

/** `order_status`. Plain objects, so that pages can use them too. */
export const OrderStatus = { UNCONFIRMED: 0, CONFIRMED: 1, CANCELLED: 2, INVALID: 3, RETURNED: 4 } as const;
/** `pay_status` of an order, and `is_paid` of a payment. */
export const PayStatus = { UNPAID: 0, PAYING: 1, PAID: 2 } as const;
/** `shipping_status`. */
export const ShippingStatus = { UNSHIPPED: 0, SHIPPED: 1, RETURNED: 2 } as const;

/** An order: the columns of `trade_order`. Times are ISO 8601. */
export interface Order {
  readonly orderId: Id;
  readonly userId: Id;
  readonly orderStatus: number;
  readonly payStatus: number;
  readonly shippingStatus: number;
  readonly address: string;
  readonly consignee: string;
  readonly goodsId: Id;
  readonly goodsNumber: number;
  readonly goodsPrice: MoneyText;
  /** Price x quantity. */
  readonly goodsAmount: MoneyText;
  readonly shippingFee: MoneyText;
  /** Goods and shipping. */
  readonly orderAmount: MoneyText;
  readonly couponId: Id | null;
  /** What the coupon pays of it. */
  readonly couponPaid: MoneyText;
  /** What the balance pays of it. */
  readonly moneyPaid: MoneyText;
  /** What is left to pay. */
  readonly payAmount: MoneyText;
  readonly addTime: string;
  readonly confirmTime: string | null;
  readonly payTime: string | null;
}

/** The steps that can be made to fail where failure switches are on. */
export const FAIL_AT = ['stock', 'coupon', 'balance', 'confirm', 'send'] as const;
export type FailAt = (typeof FAIL_AT)[number];

/** What a placed order is answered with. */
export interface PlacedOrder {
  readonly orderId: Id;
  readonly payAmount: MoneyText;
}

/** From this amount of goods on shipping is free. */
export const FREE_SHIPPING_FROM: MoneyText = '100.00';
/** What shipping costs below that. */
export const SHIPPING_FEE: MoneyText = '10.00';
