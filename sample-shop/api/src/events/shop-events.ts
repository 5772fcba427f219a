import type { Id } from '../values/ids.ts';
import type { MoneyText } from '../values/money.ts';

/** The body of `order_cancel`: what may have been taken for the order. */
export interface OrderCancelled {
  readonly orderId: Id;
  readonly goodsId: Id;
  readonly goodsNumber: number;
  readonly userId: Id;
  readonly couponId: Id | null;
  /** The balance that was to be used. */
  readonly moneyPaid: MoneyText;
}

/** The body of `order_confirm`. */
export interface OrderConfirmed {
  readonly orderId: Id;
  readonly userId: Id;
  readonly payAmount: MoneyText;
}

/** The body of `order_unpaid`. */
export interface OrderUnpaid {
  readonly orderId: Id;
}

/** The body of `order_refund`. */
export interface PaymentRefunded {
  readonly orderId: Id;
  readonly payId: Id;
  readonly userId: Id;
  readonly payAmount: MoneyText;
}

/** The body of `paid`. */
export interface PaymentMade {
  readonly payId: Id;
  readonly orderId: Id;
  /** Whose order it is. */
  readonly userId: Id;
  readonly payAmount: MoneyText;
}

/** Every message of the shop, by its destination (`topic:tag`): templates and outboxes check payloads against it. */
export interface ShopEvents {
  'orderTopic:order_cancel': OrderCancelled;
  'orderTopic:order_confirm': OrderConfirmed;
  'orderTopic:order_unpaid': OrderUnpaid;
  'orderTopic:order_refund': PaymentRefunded;
  'payTopic:paid': PaymentMade;
}
