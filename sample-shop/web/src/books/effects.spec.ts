import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Order, Payment } from '../api/types.ts';
import { addBooks, changeBetween } from './effects.ts';

const order: Order = {
  orderId: '1',
  userId: 'ada',
  orderStatus: OrderStatus.confirmed,
  payStatus: PayStatus.unpaid,
  shippingStatus: 0,
  address: '1 Harbour Street',
  consignee: 'Ada',
  goodsId: 'teapot',
  goodsNumber: 3,
  goodsPrice: '12.50',
  goodsAmount: '37.50',
  shippingFee: '10.00',
  orderAmount: '47.50',
  couponId: 'c20',
  couponPaid: '20.00',
  moneyPaid: '10.10',
  payAmount: '17.40',
  addTime: '2026-11-21T12:00:00.000Z',
  confirmTime: null,
  payTime: null,
};
const paid = { ...order, payStatus: PayStatus.paid };
const cancelled = { ...order, orderStatus: OrderStatus.cancelled };
const nothing = { stock: 0, coupons: 0, balance: '0.00', score: 0 };

const change = (before: Order[], now: Order[], userId = 'ada', goodsId = 'teapot') =>
  changeBetween({ orders: before, payments: [] }, { orders: now, payments: [] }, userId, goodsId);

describe('changeBetween', () => {
  it('of an order that stands: stock, coupon and balance are taken', () => {
    expect(change([], [order])).toEqual({ stock: -3, coupons: -1, balance: '-10.10', score: 0 });
  });

  it('of a payment: a score of the full units paid', () => {
    expect(change([order], [paid])).toEqual({ ...nothing, score: 17 });
    expect(change([], [paid])).toEqual({ stock: -3, coupons: -1, balance: '-10.10', score: 17 });
  });

  it('of an order that never stood, or that is cancelled at once: nothing', () => {
    expect(change([], [cancelled])).toEqual(nothing);
    expect(change([], [{ ...order, orderStatus: OrderStatus.unconfirmed }])).toEqual(nothing);
  });

  it('of an earlier order that is cancelled now: everything is back', () => {
    expect(change([order], [cancelled])).toEqual({ stock: 3, coupons: 1, balance: '10.10', score: 0 });
  });

  it('of a payment for an order that was cancelled: it is refunded, and counts for no score', () => {
    const payment: Payment = { payId: '9', orderId: '1', payAmount: '17.40', isPaid: PayStatus.unpaid };
    const before = { orders: [cancelled], payments: [payment] };
    const now = { orders: [cancelled], payments: [{ ...payment, isPaid: PayStatus.paid }] };

    expect(changeBetween(before, now, 'ada', 'teapot')).toEqual({ ...nothing, balance: '17.40' });
    expect(changeBetween(now, now, 'ada', 'teapot')).toEqual(nothing);
    expect(changeBetween(before, now, 'grace', 'teapot')).toEqual(nothing);
  });

  it('counts the stock of all users, and the rest of one', () => {
    expect(change([], [order], 'grace')).toEqual({ ...nothing, stock: -3 });
    expect(change([], [order], 'ada', 'lamp')).toMatchObject({ stock: 0, coupons: -1 });
  });

  it('takes what is no longer listed for unchanged', () => {
    expect(change([paid], [])).toEqual(nothing);
  });

  it('adds exactly', () => {
    const tenth = { ...order, moneyPaid: '0.10' };
    const orders = ['1', '2', '3'].map((orderId) => ({ ...tenth, orderId }));
    expect(addBooks({ ...nothing, balance: '0.30' }, change([], orders)).balance).toBe('0.00');
  });
});
