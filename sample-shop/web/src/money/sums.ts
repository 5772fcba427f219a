import { Decimal } from 'decimal.js';

/** What shipping costs, and from which amount of goods on it is free: the shop says so. */
export interface Shipping {
  shippingFee: string;
  freeShippingFrom: string;
}

export interface Choice {
  goodsPrice: string;
  goodsNumber: number;
  shipping: Shipping;
  /** What the chosen coupon is worth; absent without one. */
  couponPrice?: string | undefined;
  /** The balance the customer wants to use. */
  balance?: string | undefined;
}

export interface Sums {
  goodsAmount: string;
  shippingFee: string;
  orderAmount: string;
  couponPaid: string;
  moneyPaid: string;
  payAmount: string;
  /** Whether the coupon is worth more than the order costs: the rest of it is lost. */
  couponExceeds: boolean;
}

const text = (amount: Decimal): string => amount.toFixed(2);

/**
 * What an order costs, as order-service reckons it: goods and shipping, less the coupon, less the balance, and never below
 * zero. Exact: money is a decimal all the way, and a string in JSON.
 */
export function sumsOf({
  goodsPrice,
  goodsNumber,
  shipping,
  couponPrice = '0',
  balance = '0',
}: Choice): Sums {
  const goods = new Decimal(goodsPrice).times(goodsNumber);
  const shippingFee = new Decimal(goods.gte(shipping.freeShippingFrom) ? 0 : shipping.shippingFee);
  const order = goods.plus(shippingFee);
  const afterCoupon = order.minus(couponPrice);
  return {
    goodsAmount: text(goods),
    shippingFee: text(shippingFee),
    orderAmount: text(order),
    couponPaid: text(new Decimal(couponPrice)),
    moneyPaid: text(new Decimal(balance)),
    payAmount: text(Decimal.max(0, afterCoupon.minus(balance))),
    couponExceeds: afterCoupon.isNegative(),
  };
}

/** The most balance that makes sense: what the user has, and no more than is left to pay after the coupon. */
export function usableBalance(choice: Choice, userMoney: string): string {
  const { payAmount } = sumsOf({ ...choice, balance: '0' });
  return text(Decimal.max(0, Decimal.min(payAmount, userMoney)));
}

/** A balance that was typed, brought within what is usable. */
export function limitBalance(typed: string | null, usable: string): string {
  if (typed === null || !/^\d+(\.\d+)?$/.test(typed)) return '0.00';
  return text(Decimal.min(new Decimal(typed).toDecimalPlaces(2, Decimal.ROUND_DOWN), usable));
}
