import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { shop } from '../api/client.ts';
import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Id, Order } from '../api/types.ts';
import { money } from '../parts/format.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { beginPayment, usePayments } from './payments.ts';
import { ThirdParty } from './ThirdParty.tsx';
import './pay-desk.css';

/** Pays an order, and stands for the third party that takes the money and notifies the shop, once or more often. */
export default function PayDesk({ order }: { order: Order }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: payments = [] } = usePayments();
  const { orderId, payAmount } = order;
  const amount = money(payAmount);
  const payment = payments.find((one) => one.orderId === orderId);

  const create = useMutation({
    mutationFn: () => beginPayment(orderId, payAmount),
    onSettled: () => client.invalidateQueries(),
  });
  const notify = useMutation({
    mutationFn: async ({ payId, times }: { payId: Id; times: number }) => {
      await Promise.all(Array.from({ length: times }, () => shop.callbackPayment(payId)));
      return times;
    },
    onSettled: () => client.invalidateQueries(),
  });
  const paid = order.payStatus === PayStatus.paid;
  const cancelled = order.orderStatus !== OrderStatus.confirmed;
  const late = cancelled && payment?.isPaid === PayStatus.paid;
  if (cancelled && !payment) return null;

  return (
    <section className="pay" aria-label={t('pay.title')}>
      {cancelled && <p>{late ? t('pay.late', { amount }) : t('pay.cancelled')}</p>}
      {paid && !cancelled && <p className="pay-done">{t('pay.done')}</p>}
      {!payment && !paid && (
        <>
          <p>{t('pay.intro', { amount })}</p>
          <Button type="primary" loading={create.isPending} onClick={() => create.mutate()}>
            {t('pay.create', { amount })}
          </Button>
        </>
      )}
      {payment && !paid && !cancelled && <p>{t('pay.created', { payId: payment.payId, amount })}</p>}
      {payment && (
        <ThirdParty
          again={paid || late}
          disabled={notify.isPending}
          onNotify={(times) => notify.mutate({ payId: payment.payId, times })}
        />
      )}
      <p role="status">
        {notify.data !== undefined && !cancelled && t('pay.notified', { count: notify.data })}
      </p>
      {create.error && <ProblemAlert error={create.error} />}
      {notify.error && <ProblemAlert error={notify.error} />}
    </section>
  );
}
