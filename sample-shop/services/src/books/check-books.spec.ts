import { describe, expect, it } from '@jest/globals';
import { OrderStatus, PayStatus } from '@sample-shop/api';
import type { Books, OrderRow } from './books.ts';
import { checkBooks } from './check-books.ts';

const PAID: OrderRow = {
  orderId: '10',
  userId: '1',
  orderStatus: OrderStatus.CONFIRMED,
  payStatus: PayStatus.PAID,
  goodsId: '5',
  goodsNumber: 2,
  orderAmount: '200.00',
  couponId: '7',
  couponPaid: '20.00',
  moneyPaid: '30.50',
  payAmount: '149.50',
};
const CANCELLED: OrderRow = { ...PAID, orderId: '11', orderStatus: OrderStatus.CANCELLED, payStatus: 0 };

/** A paid order; and one that was cancelled, and paid too late. */
const BALANCED: Books = {
  orders: [PAID, CANCELLED],
  goods: [{ goodsId: '5', goodsNumber: 98 }],
  stockLog: [
    { goodsId: '5', orderId: '0', direction: 0, goodsNumber: 100 },
    { goodsId: '5', orderId: '10', direction: 1, goodsNumber: -2 },
    { goodsId: '5', orderId: '11', direction: 1, goodsNumber: -2 },
    { goodsId: '5', orderId: '11', direction: 2, goodsNumber: 2 },
    { goodsId: '5', orderId: '12', direction: 2, goodsNumber: 0 },
  ],
  coupons: [
    { couponId: '7', userId: '1', orderId: '10', isUsed: 1 },
    { couponId: '8', userId: '1', orderId: null, isUsed: 0 },
  ],
  users: [{ userId: '1', userMoney: '1019.00', userScore: 149 }],
  moneyLog: [
    { userId: '1', orderId: '0', moneyLogType: 0, useMoney: '900.00' },
    { userId: '1', orderId: '10', moneyLogType: 1, useMoney: '30.50' },
    { userId: '1', orderId: '11', moneyLogType: 1, useMoney: '30.50' },
    { userId: '1', orderId: '11', moneyLogType: 2, useMoney: '30.50' },
    { userId: '1', orderId: '11', moneyLogType: 3, useMoney: '149.50' },
  ],
  payments: [
    { payId: '20', orderId: '10', payAmount: '149.50', isPaid: 2 },
    { payId: '21', orderId: '11', payAmount: '149.50', isPaid: 2 },
    { payId: '22', orderId: '11', payAmount: '149.50', isPaid: 0 },
  ],
  unfinished: [],
};

/** The books with a row of a table changed, or another one. */
function planted<T extends keyof Books>(table: T, index: number, change: Partial<Books[T][number]>): Books {
  const rows = [...BALANCED[table]];
  rows[index] = { ...rows[index], ...change } as Books[T][number];
  return { ...BALANCED, [table]: rows };
}

describe('the books', () => {
  it('balance', () => {
    expect(checkBooks(BALANCED)).toEqual([]);
  });

  it.each<[string, Books, RegExp]>([
    ['stock that nobody took', planted('goods', 0, { goodsNumber: 97 }), /^stock of 5: 97, 98 by its log$/],
    ['stock below zero', planted('goods', 0, { goodsNumber: -1 }), /^stock of 5: -1$/],
    [
      'stock that was not given back',
      planted('stockLog', 3, { goodsNumber: 0 }),
      /^order 11: 2 taken from the stock of 5, 0 due$/,
    ],
    [
      'stock taken for no order',
      planted('stockLog', 4, { goodsNumber: -1 }),
      /for order 12, which there is not$/,
    ],
    [
      'a confirmed order without stock',
      planted('stockLog', 1, { orderId: '13' }),
      /^order 10: 0 taken from the stock of 5, 2 due$/,
    ],
    [
      'a coupon that is free',
      planted('coupons', 0, { orderId: null, isUsed: 0 }),
      /^order 10: its coupon 7 is not used by it$/,
    ],
    [
      'a coupon of a cancelled order',
      planted('coupons', 1, { orderId: '11', isUsed: 1 }),
      /^coupon 8: used by order 11/,
    ],
    ['a coupon used by nobody', planted('coupons', 1, { isUsed: 1 }), /^coupon 8: is_used is 1/],
    [
      'balance that nobody took',
      planted('users', 0, { userMoney: '1018.99' }),
      /^balance of 1: 1018.99, 1019.00 by its log$/,
    ],
    ['a balance below zero', planted('users', 0, { userMoney: '-0.01' }), /^balance of 1: -0.01$/],
    [
      'balance that was not given back',
      planted('moneyLog', 3, { useMoney: '0.00' }),
      /^order 11: 30.50 taken from the balance/,
    ],
    [
      'a payment that was applied to nothing',
      planted('orders', 0, { payStatus: 0 }),
      /^order 10: 149.50 paid, 0.00 refunded, 0.00 applied$/,
    ],
    [
      'a payment that was refunded twice',
      planted('moneyLog', 4, { useMoney: '299.00' }),
      /^order 11: 149.50 paid, 299.00 refunded/,
    ],
    [
      'an order paid by nobody',
      planted('payments', 0, { isPaid: 0 }),
      /^order 10: 0.00 paid, 0.00 refunded, 149.50 applied$/,
    ],
    [
      'a payment of no order',
      planted('payments', 2, { orderId: '99', isPaid: 2 }),
      /^payment 22: paid for order 99/,
    ],
    [
      'a score that was counted twice',
      planted('users', 0, { userScore: 298 }),
      /^score of 1: 298, 149 by what was paid$/,
    ],
    [
      'amounts that do not add up',
      planted('orders', 1, { couponPaid: '0.00' }),
      /^order 11: coupon, balance and what is left/,
    ],
    ['an order that nobody decided', planted('orders', 1, { orderStatus: 0 }), /^order 11 is neither/],
    [
      'a message that is not sent',
      planted('unfinished', 0, {
        schema: 'shop_order',
        what: 'order_cancel is not sent',
        key: '11',
        remark: 'no broker',
      }),
      /^shop_order: order_cancel is not sent, key 11: no broker$/,
    ],
  ])('tell of %s', (_what, books, problem) => {
    expect(checkBooks(books)).toContainEqual(expect.stringMatching(problem));
  });
});
