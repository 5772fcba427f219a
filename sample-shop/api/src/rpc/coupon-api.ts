import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';
import { CHANGE, READ, rpcContract } from './contract.ts';
import type { HealthApi } from './health-api.ts';

/** A coupon of a user. */
export interface Coupon {
  readonly couponId: Id;
  readonly couponPrice: MoneyText;
  readonly userId: Id;
  /** The order it is used by; null when it is unused. */
  readonly orderId: Id | null;
  /** 0 unused, 1 used. */
  readonly isUsed: number;
  /** ISO 8601. */
  readonly usedTime: string | null;
}

/** Uses the coupon of an order. */
export interface UseCoupon {
  readonly orderId: Id;
  readonly couponId: Id;
  readonly userId: Id;
}

/** The coupon service, as other services see it. */
export interface CouponApi extends HealthApi {
  /** The coupons of a user, used and unused. */
  ofUser(request: { userId: Id }): Promise<Coupon[]>;
  /** @throws ShopError `COUPON_NOT_FOUND` */
  find(request: { couponId: Id }): Promise<Coupon>;
  /**
   * Uses a coupon for an order; again for the same order it does nothing more.
   * @throws ShopError `COUPON_NOT_FOUND`, `COUPON_INVALID`; `COUPON_USE_FAILED` when the order was cancelled before
   */
  use(request: UseCoupon): Promise<true>;
}

export const COUPON_RPC = rpcContract<CouponApi>('coupon-service', {
  ofUser: READ,
  find: READ,
  use: CHANGE,
  health: READ,
});
