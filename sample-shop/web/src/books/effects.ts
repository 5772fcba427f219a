import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Id, Order, Payment } from '../api/types.ts';
import { addMoney, fullUnits, negated } from '../money/difference.ts';

/** What the services' tables hold of one kind of goods and one user. */
export interface Books {
  stock: number;
  /** Coupons that are unused. */
  coupons: number;
  balance: string;
  score: number;
}

const NOTHING: Books = { stock: 0, coupons: 0, balance: '0.00', score: 0 };

export function addBooks(a: Books, b: Books): Books {
  return {
    stock: a.stock + b.stock,
    coupons: a.coupons + b.coupons,
    balance: addMoney(a.balance, b.balance),
    score: a.score + b.score,
  };
}

function subtractBooks(a: Books, b: Books): Books {
  return {
    stock: a.stock - b.stock,
    coupons: a.coupons - b.coupons,
    balance: addMoney(a.balance, negated(b.balance)),
    score: a.score - b.score,
  };
}

/** What the shop tells at a moment. */
export interface Told {
  orders: readonly Order[];
  payments: readonly Payment[];
}

function effectOf(order: Order, payments: readonly Payment[], userId: Id, goodsId: Id): Books {
  const stands = order.orderStatus === OrderStatus.confirmed;
  const paid = order.payStatus === PayStatus.paid;
  const theirs = order.userId === userId;
  const takes = stands ? { ...NOTHING, stock: order.goodsId === goodsId ? -order.goodsNumber : 0 } : NOTHING;
  if (!theirs) return takes;
  // What is paid for an order that was cancelled is refunded to the balance; the order itself stays as it is.
  const late = payments.some(({ orderId, isPaid }) => orderId === order.orderId && isPaid === PayStatus.paid);
  if (!stands) return late ? { ...takes, balance: order.payAmount } : takes;
  return {
    ...takes,
    coupons: order.couponId ? -1 : 0,
    balance: negated(order.moneyPaid),
    score: paid ? fullUnits(order.payAmount) : 0,
  };
}

/**
 * What orders have changed in the books between two moments: the sum that the services' tables must show, each by itself.
 * The shop lists its latest orders only; one that is no longer listed has not changed.
 */
export function changeBetween(before: Told, now: Told, userId: Id, goodsId: Id): Books {
  const earlier = new Map(before.orders.map((order) => [order.orderId, order]));
  return now.orders
    .map((order) => {
      const was = earlier.get(order.orderId);
      const effect = effectOf(order, now.payments, userId, goodsId);
      return was ? subtractBooks(effect, effectOf(was, before.payments, userId, goodsId)) : effect;
    })
    .reduce(addBooks, NOTHING);
}
