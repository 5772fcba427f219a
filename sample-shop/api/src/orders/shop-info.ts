import type { MoneyText } from '../values/money.ts';

/** What a page has to know of the shop it is of: `GET /order-web/settings`. */
export interface ShopInfo {
  /** Whether `failAt` is allowed. */
  readonly failureSwitches: boolean;
  /** After how many milliseconds an unpaid order is cancelled. */
  readonly unpaidTimeout: number;
  readonly shippingFee: MoneyText;
  readonly freeShippingFrom: MoneyText;
}
