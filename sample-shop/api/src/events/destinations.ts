/** What happens to orders. */
export const ORDER_TOPIC = 'orderTopic';
/** What happens to payments. */
export const PAY_TOPIC = 'payTopic';

export const OrderTag = {
  /** The order does not take place: whoever took something for it gives it back. Key: order id. */
  CANCEL: 'order_cancel',
  /** The order takes place. Key: order id. */
  CONFIRM: 'order_confirm',
  /** Delayed: the order had so long to be paid. Key: order id. */
  UNPAID: 'order_unpaid',
  /** A payment came for an order that was cancelled: it goes to the balance. Key: pay id. */
  REFUND: 'order_refund',
} as const;

export const PayTag = {
  /** A payment was made. Key: pay id. */
  PAID: 'paid',
} as const;

/** Consumer groups, each clustering, one for each service and purpose; services that only send have their producer group here. */
export const Group = {
  ORDER: 'order-service',
  GOODS: 'goods-service',
  COUPON: 'coupon-service',
  USER: 'user-service',
  PAY: 'pay-service',
  /** The same services for `payTopic`: the members of a group have to have the same subscriptions. */
  ORDER_PAID: 'order-service-paid',
  USER_PAID: 'user-service-paid',
  PAYMENT_LOG: 'payment-log',
} as const;
