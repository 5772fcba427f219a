import { money, OrderStatus, PayStatus } from '@sample-shop/api';
import { Decimal } from 'decimal.js';
import type { Books } from './books.ts';

/** The books as a few lines: what there is of everything. */
export function describeBooks({ orders, goods, coupons, users, payments }: Books): string[] {
  const count = (status: number): number => orders.filter(({ orderStatus }) => orderStatus === status).length;
  const confirmed = count(OrderStatus.CONFIRMED);
  const cancelled = count(OrderStatus.CANCELLED);
  const paid = payments.filter(({ isPaid }) => isPaid === PayStatus.PAID);
  const sum = paid.reduce((total, { payAmount }) => total.plus(payAmount), new Decimal(0));
  return [
    `orders    ${orders.length}: ${confirmed} confirmed, ${cancelled} cancelled`,
    `payments  ${payments.length}: ${paid.length} paid, ${sum.toFixed(2)} together`,
    ...goods.map(({ goodsId, goodsNumber }) => `stock     ${goodsId}: ${goodsNumber}`),
    `coupons   ${coupons.length}: ${coupons.filter(({ isUsed }) => isUsed === 1).length} used`,
    ...users.map(
      ({ userId, userMoney, userScore }) =>
        `user      ${userId}: balance ${money(userMoney).toFixed(2)}, score ${userScore}`,
    ),
  ];
}
