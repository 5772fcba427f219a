import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { money, type Coupon, type Goods, type PlaceOrder, type User } from '@sample-shop/api';
import { checkGoods, orderAmounts } from './order-amounts.ts';

const goods = (goodsPrice: string): Goods => ({
  goodsId: '1',
  goodsName: '',
  goodsNumber: 10,
  goodsPrice,
  goodsDesc: '',
  addTime: '',
});
const user = (userMoney: string) => ({ userId: '2', userMoney }) as User;
const coupon = (couponPrice: string) => ({ couponId: '3', couponPrice }) as Coupon;
const order = (more: Partial<PlaceOrder>) =>
  ({ goodsNumber: 1, goodsPrice: '0', shippingFee: '0', ...more }) as PlaceOrder;

describe('the amounts of an order', () => {
  it.each([
    ['99.99', 1, '10.00', '109.99'],
    ['100.00', 1, '0.00', '100.00'],
    ['33.34', 3, '0', '100.02'],
    ['33.33', 3, '10', '109.99'],
  ])('with goods for %s x %d ship for %s', (price, goodsNumber, shippingFee, orderAmount) => {
    const amounts = orderAmounts(
      order({ goodsNumber, shippingFee, orderAmount }),
      goods(price),
      user('0'),
      undefined,
    );
    expect(amounts.payAmount.toFixed(2)).toBe(money(orderAmount).toFixed(2));
  });

  it('add up, and none is below zero, whatever coupon and balance are', () => {
    const cents = fc.integer({ min: 0, max: 50_000 }).map((n) => (n / 100).toFixed(2));
    fc.assert(
      fc.property(
        cents,
        fc.integer({ min: 1, max: 9 }),
        cents,
        cents,
        (price, goodsNumber, paidBy, balance) => {
          const amount = money(price).times(goodsNumber);
          const shippingFee = amount.lessThan(100) ? '10.00' : '0.00';
          const orderAmount = amount.plus(shippingFee).toFixed(2);
          const placed = order({ goodsNumber, shippingFee, orderAmount, moneyPaid: balance });
          const amounts = orderAmounts(placed, goods(price), user(balance), coupon(paidBy));
          const { couponPaid, moneyPaid, payAmount } = amounts;
          expect(couponPaid.plus(moneyPaid).plus(payAmount).toFixed(2)).toBe(orderAmount);
          expect([couponPaid, moneyPaid, payAmount].some((part) => part.isNegative())).toBe(false);
          expect(couponPaid.lessThanOrEqualTo(paidBy) && moneyPaid.lessThanOrEqualTo(balance)).toBe(true);
        },
      ),
    );
  });

  it('let all be ordered that is in stock, and no more', () => {
    expect(() => checkGoods(order({ goodsNumber: 10, goodsPrice: '5' }), goods('5.00'))).not.toThrow();
    expect(() => checkGoods(order({ goodsNumber: 11, goodsPrice: '5' }), goods('5.00'))).toThrow('stock');
  });
});
