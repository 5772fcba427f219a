import { fullUnits, money, OrderStatus, PayStatus } from '@sample-shop/api';
import { Decimal } from 'decimal.js';
import { StockDirection } from '../goods-service/goods.entities.ts';
import { MoneyLogType } from '../user-service/user.entities.ts';
import type { Books, MoneyLogRow, OrderRow } from './books.ts';

/**
 * Whether what the services have written down fits together. Every line is something that does not, and whose it is; while orders
 * and messages are on their way there may be some.
 */
export function checkBooks(books: Books): string[] {
  return [
    ...unfinished(books),
    ...amounts(books),
    ...stock(books),
    ...coupons(books),
    ...balances(books),
    ...payments(books),
    ...scores(books),
  ];
}

function unfinished(books: Books): string[] {
  const messages = books.unfinished.map(
    ({ schema, what, key, remark }) => `${schema}: ${what}, key ${key}${remark === '' ? '' : `: ${remark}`}`,
  );
  const orders = books.orders
    .filter(({ orderStatus }) => orderStatus === OrderStatus.UNCONFIRMED)
    .map(({ orderId }) => `order ${orderId} is neither confirmed nor cancelled`);
  return [...messages, ...orders];
}

/** Coupon, balance and what is left make the order's amount. */
function amounts({ orders }: Books): string[] {
  return orders
    .filter(
      ({ orderAmount, couponPaid, moneyPaid, payAmount }) =>
        !money(couponPaid).plus(moneyPaid).plus(payAmount).equals(orderAmount),
    )
    .map(({ orderId }) => `order ${orderId}: coupon, balance and what is left are not its amount`);
}

/** Stock taken for an order is its quantity when it is confirmed, else nothing; and the stock is what its log says. */
function stock({ orders, goods, stockLog }: Books): string[] {
  const problems: string[] = [];
  const ofOrder = sums(
    stockLog,
    ({ orderId }) => orderId,
    ({ goodsNumber }) => goodsNumber,
  );
  for (const order of orders) {
    const taken = ofOrder.get(order.orderId)?.negated() ?? new Decimal(0);
    const due = isConfirmed(order) ? order.goodsNumber : 0;
    if (!taken.equals(due))
      problems.push(
        `order ${order.orderId}: ${taken.toFixed()} taken from the stock of ${order.goodsId}, ${due} due`,
      );
  }
  const known = new Set(orders.map(({ orderId }) => orderId));
  for (const { orderId, goodsId, direction, goodsNumber } of stockLog) {
    if (direction !== StockDirection.INITIAL && goodsNumber !== 0 && !known.has(orderId))
      problems.push(`stock of ${goodsId}: taken for order ${orderId}, which there is not`);
  }
  const inLog = sums(
    stockLog,
    ({ goodsId }) => goodsId,
    ({ goodsNumber }) => goodsNumber,
  );
  const begun = stockLog.filter(({ direction }) => direction === StockDirection.INITIAL);
  const logged = new Set(begun.map(({ goodsId }) => goodsId));
  for (const { goodsId, goodsNumber } of goods) {
    if (goodsNumber < 0) problems.push(`stock of ${goodsId}: ${goodsNumber}`);
    const due = inLog.get(goodsId) ?? new Decimal(0);
    if (logged.has(goodsId) && !due.equals(goodsNumber))
      problems.push(`stock of ${goodsId}: ${goodsNumber}, ${due.toFixed()} by its log`);
  }
  return problems;
}

/** A coupon is used if and only if the order that uses it is confirmed. */
function coupons({ orders, coupons: all }: Books): string[] {
  const problems: string[] = [];
  const usedBy = new Map(
    all.flatMap(({ couponId, orderId }) => (orderId === null ? [] : [[couponId, orderId]])),
  );
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  for (const { couponId, isUsed, orderId } of all) {
    if ((isUsed === 1) !== (orderId !== null))
      problems.push(`coupon ${couponId}: is_used is ${isUsed}, order ${orderId}`);
    if (orderId === null) continue;
    const order = byId.get(orderId);
    if (!order || !isConfirmed(order) || order.couponId !== couponId)
      problems.push(`coupon ${couponId}: used by order ${orderId}, which is not confirmed with it`);
  }
  for (const { orderId, couponId } of orders.filter(isConfirmed)) {
    if (couponId !== null && usedBy.get(couponId) !== orderId)
      problems.push(`order ${orderId}: its coupon ${couponId} is not used by it`);
  }
  return problems;
}

/** Balance taken for an order is what it uses when it is confirmed, else nothing; and a balance is what its log says. */
function balances({ orders, users, moneyLog }: Books): string[] {
  const problems: string[] = [];
  const own = moneyLog.filter(({ moneyLogType }) =>
    [MoneyLogType.PAID, MoneyLogType.REFUNDED].some((type) => type === moneyLogType),
  );
  const ofOrder = sums(own, ({ orderId }) => orderId, signed);
  for (const order of orders) {
    const taken = ofOrder.get(order.orderId)?.negated() ?? new Decimal(0);
    const due = isConfirmed(order) ? order.moneyPaid : '0.00';
    if (!taken.equals(due))
      problems.push(
        `order ${order.orderId}: ${taken.toFixed(2)} taken from the balance of ${order.userId}, ${due} due`,
      );
  }
  const inLog = sums(moneyLog, ({ userId }) => userId, signed);
  const logged = new Set(
    moneyLog.filter(({ moneyLogType }) => moneyLogType === MoneyLogType.INITIAL).map(({ userId }) => userId),
  );
  for (const { userId, userMoney } of users) {
    if (money(userMoney).lessThan(0)) problems.push(`balance of ${userId}: ${userMoney}`);
    const due = inLog.get(userId) ?? new Decimal(0);
    if (logged.has(userId) && !due.equals(userMoney))
      problems.push(`balance of ${userId}: ${userMoney}, ${due.toFixed(2)} by its log`);
  }
  return problems;
}

/** Each payment is applied once: its order is paid, or its amount was refunded; and nothing is paid without one. */
function payments({ orders, payments: all, moneyLog }: Books): string[] {
  const problems: string[] = [];
  const made = all.filter(({ isPaid }) => isPaid === PayStatus.PAID);
  const refunds = moneyLog.filter(({ moneyLogType }) => moneyLogType === MoneyLogType.PAYMENT_REFUNDED);
  const madeFor = sums(
    made,
    ({ orderId }) => orderId,
    ({ payAmount }) => payAmount,
  );
  const refundedFor = sums(
    refunds,
    ({ orderId }) => orderId,
    ({ useMoney }) => useMoney,
  );
  for (const order of orders) {
    const { orderId, payAmount } = order;
    const paid = madeFor.get(orderId) ?? new Decimal(0);
    const refunded = refundedFor.get(orderId) ?? new Decimal(0);
    const applied = isPaid(order) ? payAmount : '0.00';
    if (!paid.equals(refunded.plus(applied)))
      problems.push(
        `order ${orderId}: ${paid.toFixed(2)} paid, ${refunded.toFixed(2)} refunded, ${applied} applied`,
      );
  }
  const known = new Set(orders.map(({ orderId }) => orderId));
  for (const { payId, orderId } of made.filter((payment) => !known.has(payment.orderId)))
    problems.push(`payment ${payId}: paid for order ${orderId}, which there is not`);
  return problems;
}

/** A score is one for each full unit of what was paid, order by order. */
function scores({ orders, users }: Books): string[] {
  const due = sums(
    orders.filter(isPaid),
    ({ userId }) => userId,
    ({ payAmount }) => fullUnits(payAmount),
  );
  return users
    .filter(({ userId, userScore }) => !(due.get(userId) ?? new Decimal(0)).equals(userScore))
    .map(
      ({ userId, userScore }) =>
        `score of ${userId}: ${userScore}, ${(due.get(userId) ?? new Decimal(0)).toFixed()} by what was paid`,
    );
}

function isConfirmed({ orderStatus }: OrderRow): boolean {
  return orderStatus === OrderStatus.CONFIRMED;
}

function isPaid(order: OrderRow): boolean {
  return isConfirmed(order) && order.payStatus === PayStatus.PAID;
}

/** What a row of the log did to the balance. */
function signed({ moneyLogType, useMoney }: MoneyLogRow): Decimal {
  return moneyLogType === MoneyLogType.PAID ? money(useMoney).negated() : money(useMoney);
}

function sums<Row>(
  rows: readonly Row[],
  key: (row: Row) => string,
  value: (row: Row) => Decimal.Value,
): Map<string, Decimal> {
  const result = new Map<string, Decimal>();
  for (const row of rows) result.set(key(row), (result.get(key(row)) ?? new Decimal(0)).plus(value(row)));
  return result;
}
