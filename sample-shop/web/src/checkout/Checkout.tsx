import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { shop } from '../api/client.ts';
import { toProblem } from '../api/problem.ts';
import { useGoods, useShopInfo, useUser, useUsers } from '../api/queries.ts';
import type { Id, PlaceOrder } from '../api/types.ts';
import { GoodsPicker } from '../goods/GoodsPicker.tsx';
import { money } from '../parts/format.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { UserPicker } from '../user/UserPicker.tsx';
import { BalanceField } from './BalanceField.tsx';
import { CouponPicker } from './CouponPicker.tsx';
import { DeliveryFields } from './DeliveryFields.tsx';
import { FailSwitches } from './FailSwitches.tsx';
import { orderBegun } from './order-begun.ts';
import { QuantityField } from './QuantityField.tsx';
import { Summary } from './Summary.tsx';
import { useChoice } from './useChoice.ts';
import './checkout.css';

interface Props {
  userId: Id;
  goodsId: Id | undefined;
  onUser: (userId: Id) => void;
  onGoods: (goodsId: Id) => void;
  /** Called before the request, so that the books can be noted. */
  onBuy: () => Promise<void>;
  /** An order came to be; also one that then failed and is being undone. */
  onOrder: (orderId: Id) => void;
}

/** Everything that is chosen for an order, what it comes to, and the button that places it. */
export function Checkout({ userId, goodsId, onUser, onGoods, onBuy, onOrder }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: users = [] } = useUsers();
  const { data: allGoods = [] } = useGoods();
  const { data: user } = useUser(userId);
  const { data: info } = useShopInfo();
  const goods = allGoods.find((one) => one.goodsId === goodsId) ?? allGoods[0];
  const choice = useChoice(goods, user, info);

  const buy = useMutation({
    mutationFn: async (order: PlaceOrder) => {
      await onBuy();
      return shop.confirmOrder(order);
    },
    onSuccess: ({ orderId }) => {
      choice.setBalance('0.00');
      onOrder(orderId);
    },
    onError: (error) => {
      const orderId = orderBegun(toProblem(error));
      if (orderId !== undefined) onOrder(orderId);
    },
    onSettled: () => client.invalidateQueries(),
  });
  const order = choice.orderOf(t('choose.addressDefault'));
  const undone = buy.error ? orderBegun(toProblem(buy.error)) !== undefined : false;

  return (
    <form
      className="checkout"
      onSubmit={(event) => {
        event.preventDefault();
        if (order && !buy.isPending) buy.mutate(order);
      }}
    >
      <UserPicker users={users} value={userId} onChange={onUser} />
      <GoodsPicker goods={allGoods} value={goods?.goodsId} onChange={onGoods} />
      <div className="field-pair field-pair-first-narrow">
        <QuantityField
          value={choice.goodsNumber}
          stock={goods?.goodsNumber ?? 0}
          onChange={choice.setGoodsNumber}
        />
        <BalanceField value={choice.balance} usable={choice.usable} onChange={choice.setBalance} />
      </div>
      <CouponPicker coupons={choice.coupons} value={choice.coupon?.couponId} onChange={choice.setCouponId} />
      <DeliveryFields key={userId} choice={choice} userName={user?.userName ?? ''} />
      {info?.failureSwitches && <FailSwitches value={choice.failAt} onChange={choice.setFailAt} />}
      <Summary
        sums={choice.sums}
        goodsNumber={choice.goodsNumber}
        goodsPrice={goods?.goodsPrice ?? '0.00'}
        freeShippingFrom={info?.freeShippingFrom ?? '0.00'}
      />
      <div className="checkout-buy">
        {buy.error && (
          <ProblemAlert
            error={buy.error}
            title={t('notBought')}
            onClose={buy.reset}
            {...(undone && { next: t('notBoughtNext') })}
          />
        )}
        <Button type="primary" size="large" htmlType="submit" block disabled={!order} loading={buy.isPending}>
          {t('buy', { amount: money(choice.sums.payAmount) })}
        </Button>
      </div>
      <p role="status" className="visually-hidden">
        {buy.data && t('bought', { orderId: buy.data.orderId, amount: money(buy.data.payAmount) })}
      </p>
    </form>
  );
}
