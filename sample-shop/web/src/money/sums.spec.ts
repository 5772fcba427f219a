import { limitBalance, sumsOf, usableBalance } from './sums.ts';

const shipping = { shippingFee: '10.00', freeShippingFrom: '100.00' };
const teapot = { goodsPrice: '12.50', goodsNumber: 1, shipping };

describe('sumsOf', () => {
  it('adds goods and shipping', () => {
    expect(sumsOf(teapot)).toEqual({
      goodsAmount: '12.50',
      shippingFee: '10.00',
      orderAmount: '22.50',
      couponPaid: '0.00',
      moneyPaid: '0.00',
      payAmount: '22.50',
      couponExceeds: false,
    });
  });

  it('ships for nothing from the very amount on', () => {
    expect(sumsOf({ ...teapot, goodsNumber: 7 })).toMatchObject({
      goodsAmount: '87.50',
      shippingFee: '10.00',
    });
    expect(sumsOf({ ...teapot, goodsNumber: 8 })).toMatchObject({
      goodsAmount: '100.00',
      shippingFee: '0.00',
    });
    expect(sumsOf({ ...teapot, goodsPrice: '99.99' })).toMatchObject({
      shippingFee: '10.00',
      orderAmount: '109.99',
    });
  });

  it('takes off the coupon, then the balance', () => {
    expect(sumsOf({ ...teapot, goodsNumber: 8, couponPrice: '20.00', balance: '30.55' })).toMatchObject({
      orderAmount: '100.00',
      couponPaid: '20.00',
      moneyPaid: '30.55',
      payAmount: '49.45',
    });
  });

  it('is never below zero, and says that the rest of a coupon is lost', () => {
    expect(sumsOf({ ...teapot, couponPrice: '50.00' })).toMatchObject({
      payAmount: '0.00',
      couponExceeds: true,
    });
    expect(sumsOf({ ...teapot, couponPrice: '22.50' })).toMatchObject({
      payAmount: '0.00',
      couponExceeds: false,
    });
  });

  it('is exact where floats are not', () => {
    expect(sumsOf({ goodsPrice: '0.10', goodsNumber: 3, shipping })).toMatchObject({ goodsAmount: '0.30' });
    expect(sumsOf({ goodsPrice: '1.15', goodsNumber: 100, shipping })).toMatchObject({
      goodsAmount: '115.00',
    });
    expect(sumsOf({ goodsPrice: '99999.99', goodsNumber: 1000, shipping })).toMatchObject({
      orderAmount: '99999990.00',
    });
  });
});

describe('usableBalance', () => {
  it('is what the user has', () => {
    expect(usableBalance({ ...teapot, goodsNumber: 8 }, '30.00')).toBe('30.00');
  });

  it('is no more than what is left to pay after the coupon, whatever was chosen before', () => {
    expect(usableBalance({ ...teapot, couponPrice: '20.00', balance: '2.00' }, '900.00')).toBe('2.50');
    expect(usableBalance({ ...teapot, couponPrice: '50.00' }, '900.00')).toBe('0.00');
  });
});

describe('limitBalance', () => {
  it.each([
    ['5', '5.00'],
    ['5.129', '5.12'],
    ['30.01', '30.00'],
    ['', '0.00'],
    ['-3', '0.00'],
    ['1e3', '0.00'],
    [null, '0.00'],
  ])('makes of %j what can be used: %s', (typed, expected) => {
    expect(limitBalance(typed, '30.00')).toBe(expected);
  });
});
