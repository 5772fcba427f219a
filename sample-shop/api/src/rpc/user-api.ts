import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';
import { CHANGE, READ, rpcContract } from './contract.ts';
import type { Coupon } from './coupon-api.ts';
import type { HealthApi } from './health-api.ts';

/** A user; the password is nobody's business. */
export interface User {
  readonly userId: Id;
  readonly userName: string;
  readonly userMobile: string;
  readonly userScore: number;
  /** ISO 8601. */
  readonly userRegTime: string;
  /** The balance. */
  readonly userMoney: MoneyText;
}

/** A user with coupons, used and unused: `GET /order-web/users/:userId`. */
export interface UserDetail extends User {
  readonly coupons: readonly Coupon[];
}

/** Takes the balance of an order. */
export interface ChangeBalance {
  readonly orderId: Id;
  readonly userId: Id;
  readonly useMoney: MoneyText;
}

/** The user service, as other services see it. */
export interface UserApi extends HealthApi {
  list(request: object): Promise<User[]>;
  /** @throws ShopError `USER_NOT_FOUND` */
  find(request: { userId: Id }): Promise<User>;
  /**
   * Takes balance for an order; again for the same order it does nothing more.
   * @throws ShopError `USER_NOT_FOUND`, `BALANCE_NOT_ENOUGH`; `BALANCE_REDUCE_FAILED` when the order was cancelled before
   */
  takeBalance(request: ChangeBalance): Promise<true>;
  /**
   * Gives back the balance that was taken for an order, by hand; cancelled orders do so by themselves.
   * @throws ShopError `NOT_PAID` when none was taken, `REFUND_ALREADY_DONE` when it was given back
   */
  refundBalance(request: { orderId: Id; userId: Id }): Promise<true>;
}

export const USER_RPC = rpcContract<UserApi>('user-service', {
  list: READ,
  find: READ,
  takeBalance: CHANGE,
  refundBalance: CHANGE,
  health: READ,
});
