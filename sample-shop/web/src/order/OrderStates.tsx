import { useTranslation } from 'react-i18next';
import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Order } from '../api/types.ts';
import { StatusPill } from '../parts/StatusPill.tsx';
import { statesOf } from './order-states.ts';

/** Whether an order stands and whether it is paid; of one that doesn't stand only what still matters. */
export function OrderStates({ order }: { order: Order }) {
  const { t } = useTranslation();
  const states = statesOf(order);
  const stands = order.orderStatus === OrderStatus.confirmed;
  return (
    <span className="order-states">
      <StatusPill tone={states.orderTone}>{t(`status.${states.order}`)}</StatusPill>
      {(stands || order.payStatus === PayStatus.paid) && (
        <StatusPill tone={states.payTone}>{t(`status.${states.pay}`)}</StatusPill>
      )}
    </span>
  );
}
