import { FREE_SHIPPING_FROM, money, SHIPPING_FEE, ShopError } from '@sample-shop/api';
import type { Coupon, Goods, PlaceOrder, User } from '@sample-shop/api';
import { Decimal } from 'decimal.js';

/** What an order comes to, and who pays what of it: coupon, balance and what is left to pay make the order's amount. */
export interface OrderAmounts {
  readonly goodsPrice: Decimal;
  readonly goodsAmount: Decimal;
  readonly shippingFee: Decimal;
  readonly orderAmount: Decimal;
  readonly couponPaid: Decimal;
  readonly moneyPaid: Decimal;
  readonly payAmount: Decimal;
}

/** Checks what is ordered against what there is. @throws ShopError `GOODS_PRICE_INVALID`, `STOCK_NOT_ENOUGH` */
export function checkGoods(order: PlaceOrder, goods: Goods): void {
  if (!money(order.goodsPrice).equals(goods.goodsPrice)) throw new ShopError('GOODS_PRICE_INVALID');
  if (order.goodsNumber > goods.goodsNumber) throw new ShopError('STOCK_NOT_ENOUGH');
}

/** Checks who uses a coupon. @throws ShopError `COUPON_INVALID` */
export function checkCoupon(order: PlaceOrder, coupon: Coupon): void {
  if (coupon.userId !== order.userId || coupon.isUsed !== 0) throw new ShopError('COUPON_INVALID');
}

/**
 * Works out the amounts; never believes the customer's, only compares them.
 * @param coupon the coupon as the coupon service knows it
 * @throws ShopError `SHIPPING_FEE_INVALID`, `ORDER_AMOUNT_INVALID`, `BALANCE_NEGATIVE`, `BALANCE_NOT_ENOUGH`
 */
export function orderAmounts(
  order: PlaceOrder,
  goods: Goods,
  user: User,
  coupon: Coupon | undefined,
): OrderAmounts {
  const goodsPrice = money(goods.goodsPrice);
  const goodsAmount = goodsPrice.times(order.goodsNumber);
  const shippingFee = goodsAmount.greaterThanOrEqualTo(FREE_SHIPPING_FROM) ? money(0) : money(SHIPPING_FEE);
  if (!money(order.shippingFee).equals(shippingFee)) throw new ShopError('SHIPPING_FEE_INVALID');
  const orderAmount = goodsAmount.plus(shippingFee);
  if (!money(order.orderAmount).equals(orderAmount)) throw new ShopError('ORDER_AMOUNT_INVALID');
  const balance = money(order.moneyPaid ?? 0);
  if (balance.lessThan(0)) throw new ShopError('BALANCE_NEGATIVE');
  if (balance.greaterThan(user.userMoney)) throw new ShopError('BALANCE_NOT_ENOUGH');
  // Neither coupon nor balance pays more than there is to pay.
  const couponPaid = Decimal.min(coupon?.couponPrice ?? 0, orderAmount);
  const moneyPaid = Decimal.min(balance, orderAmount.minus(couponPaid));
  const payAmount = orderAmount.minus(couponPaid).minus(moneyPaid);
  return { goodsPrice, goodsAmount, shippingFee, orderAmount, couponPaid, moneyPaid, payAmount };
}
