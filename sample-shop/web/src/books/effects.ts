import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Id, Order } from '../api/types.ts';
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

function effectOf(order: Order, userId: Id, goodsId: Id): Books {
  const stands = order.orderStatus === OrderStatus.confirmed;
  const paid = order.payStatus === PayStatus.paid;
  const theirs = order.userId === userId;
  const takes = stands ? { ...NOTHING, stock: order.goodsId === goodsId ? -order.goodsNumber : 0 } : NOTHING;
  if (!theirs) return takes;
  // What was paid for an order that had been cancelled is refunded to the balance.
  if (!stands) return paid ? { ...takes, balance: order.payAmount } : takes;
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
export function changeBetween(
  before: readonly Order[],
  now: readonly Order[],
  userId: Id,
  goodsId: Id,
): Books {
  const earlier = new Map(before.map((order) => [order.orderId, order]));
  return now
    .map((order) => {
      const was = earlier.get(order.orderId);
      const effect = effectOf(order, userId, goodsId);
      return was ? subtractBooks(effect, effectOf(was, userId, goodsId)) : effect;
    })
    .reduce(addBooks, NOTHING);
}
