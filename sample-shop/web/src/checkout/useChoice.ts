import { useState } from 'react';
import type { Coupon, FailAt, Goods, Id, PlaceOrder, ShopInfo, UserDetail } from '../api/types.ts';
import { limitBalance, sumsOf, usableBalance } from '../money/sums.ts';

/** What is being chosen for the next order, and what it comes to. */
export function useChoice(
  goods: Goods | undefined,
  user: UserDetail | undefined,
  info: ShopInfo | undefined,
) {
  const [goodsNumber, setGoodsNumber] = useState(1);
  const [couponId, setCouponId] = useState<Id>();
  const [typedBalance, setBalance] = useState('0.00');
  const [failAt, setFailAt] = useState<FailAt>();
  const [address, setAddress] = useState<string>();
  const [consignee, setConsignee] = useState<string>();

  const coupons = (user?.coupons ?? []).filter(({ isUsed }) => isUsed === 0);
  // A coupon or a balance that is gone meanwhile, or another user's, is not chosen any more.
  const coupon: Coupon | undefined = coupons.find((one) => one.couponId === couponId);
  const wanted = {
    goodsPrice: goods?.goodsPrice ?? '0.00',
    goodsNumber,
    shipping: info ?? { shippingFee: '0.00', freeShippingFrom: '0.00' },
    couponPrice: coupon?.couponPrice,
  };
  const usable = usableBalance(wanted, user?.userMoney ?? '0.00');
  const balance = limitBalance(typedBalance, usable);
  const sums = sumsOf({ ...wanted, balance });

  function orderOf(addressDefault: string): PlaceOrder | undefined {
    if (!goods || !user || !info) return undefined;
    return {
      userId: user.userId,
      goodsId: goods.goodsId,
      goodsNumber,
      goodsPrice: goods.goodsPrice,
      shippingFee: sums.shippingFee,
      orderAmount: sums.orderAmount,
      ...(coupon && { couponId: coupon.couponId }),
      moneyPaid: balance,
      address: address?.trim() || addressDefault,
      consignee: consignee?.trim() || user.userName,
      ...(failAt && { failAt }),
    };
  }

  return {
    goodsNumber,
    setGoodsNumber,
    coupons,
    coupon,
    setCouponId,
    usable,
    balance,
    setBalance,
    failAt,
    setFailAt,
    address,
    setAddress,
    consignee,
    setConsignee,
    sums,
    orderOf,
  };
}

export type OrderChoice = ReturnType<typeof useChoice>;
