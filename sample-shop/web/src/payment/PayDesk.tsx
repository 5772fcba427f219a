import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { shop } from '../api/client.ts';
import { keys } from '../api/queries.ts';
import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Id, Order } from '../api/types.ts';
import { money } from '../parts/format.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import './pay-desk.css';

/** Pays an order, and stands for the third party that takes the money and notifies the shop, once or more often. */
export default function PayDesk({ order }: { order: Order }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { orderId, payAmount } = order;
  const amount = money(payAmount);
  // Kept beside the answers of the shop, so that it is still there when one comes back to the order.
  const paymentKey = keys.payment(orderId);
  const { data: payId } = useQuery<Id>({ queryKey: paymentKey, queryFn: skipToken, gcTime: Infinity });

  const create = useMutation({
    mutationFn: () => shop.createPayment(orderId, payAmount),
    onSuccess: (created) => client.setQueryData(paymentKey, created.payId),
  });
  const notify = useMutation({
    mutationFn: async ({ payment, times }: { payment: Id; times: number }) => {
      await Promise.all(Array.from({ length: times }, () => shop.callbackPayment(payment)));
      return times;
    },
    onSettled: () => client.invalidateQueries(),
  });
  const paid = order.payStatus === PayStatus.paid;
  const cancelled = order.orderStatus !== OrderStatus.confirmed;
  if (cancelled && payId === undefined) return null;

  return (
    <section className="pay" aria-label={t('pay.title')}>
      {cancelled && <p>{t('pay.cancelled')}</p>}
      {paid && !cancelled && <p className="pay-done">{t('pay.done')}</p>}
      {payId === undefined && !paid && (
        <>
          <p>{t('pay.intro', { amount })}</p>
          <Button type="primary" loading={create.isPending} onClick={() => create.mutate()}>
            {t('pay.create', { amount })}
          </Button>
        </>
      )}
      {payId !== undefined && (
        <>
          {!paid && !cancelled && <p>{t('pay.created', { payId, amount })}</p>}
          <div className="pay-buttons">
            <Button
              type={paid ? 'default' : 'primary'}
              disabled={notify.isPending}
              onClick={() => notify.mutate({ payment: payId, times: 1 })}
            >
              {paid ? t('pay.again') : t('pay.once')}
            </Button>
            {!paid && (
              <Button disabled={notify.isPending} onClick={() => notify.mutate({ payment: payId, times: 2 })}>
                {t('pay.twice')}
              </Button>
            )}
          </div>
        </>
      )}
      <p role="status">{notify.data !== undefined && t('pay.notified', { count: notify.data })}</p>
      {create.error && <ProblemAlert error={create.error} />}
      {notify.error && <ProblemAlert error={notify.error} />}
    </section>
  );
}
