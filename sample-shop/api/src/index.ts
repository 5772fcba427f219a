export { ANSWERS, isAnswerCode, type AnswerCode } from './answers/answer-codes.ts';
export { ShopError, success, type Answer } from './answers/answer.ts';
export { Group, ORDER_TOPIC, OrderTag, PAY_TOPIC, PayTag } from './events/destinations.ts';
export type {
  OrderCancelled,
  OrderConfirmed,
  OrderUnpaid,
  PaymentMade,
  PaymentRefunded,
  ShopEvents,
} from './events/shop-events.ts';
export {
  FAIL_AT,
  FREE_SHIPPING_FROM,
  OrderStatus,
  PayStatus,
  SHIPPING_FEE,
  ShippingStatus,
  type FailAt,
  type Order,
  type PlacedOrder,
} from './orders/order.ts';
export { PlaceOrder } from './orders/place-order.ts';
export { ResendMessage } from './orders/resend-message.ts';
export { CreatePayment, PaymentCallback, type CreatedPayment, type Payment } from './payments/payment.ts';
export {
  patternOf,
  rpcContract,
  type AnyRpcContract,
  type RpcContract,
  type RpcMethod,
  type RpcMethods,
} from './rpc/contract.ts';
export { COUPON_RPC, type Coupon, type CouponApi, type UseCoupon } from './rpc/coupon-api.ts';
export { GOODS_RPC, type Goods, type GoodsApi, type TakeStock } from './rpc/goods-api.ts';
export type { HealthApi, PartHealth, ServiceHealth } from './rpc/health-api.ts';
export { ORDER_RPC, type OrderApi } from './rpc/order-api.ts';
export { PAY_RPC, type PayApi } from './rpc/pay-api.ts';
export { USER_RPC, type ChangeBalance, type User, type UserApi, type UserDetail } from './rpc/user-api.ts';
export { TIMELINE_KINDS, type TimelineEntry, type TimelineKind } from './timeline/timeline.ts';
export { IdSource, isId, type Id } from './values/ids.ts';
export { fullUnits, isMoney, LARGEST_MONEY, money, moneyText, type MoneyText } from './values/money.ts';
export { IdField, LineField, MoneyField } from './values/validators.ts';
export type { ShopInfo } from './orders/shop-info.ts';
