import { lazy, Suspense, useEffect, useRef } from 'react';
import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { useOrders } from '../api/queries.ts';
import { OrderStatus } from '../api/types.ts';
import type { Id } from '../api/types.ts';
import { shortId } from '../parts/format.ts';
import { Panel } from '../parts/Panel.tsx';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { OrderStates } from './OrderStates.tsx';
import './order-panel.css';

const PayDesk = lazy(() => import('../payment/PayDesk.tsx'));
const Timeline = lazy(() => import('../timeline/Timeline.tsx'));

/** One order: its state, its payment, and the messages it causes. Takes the focus when another order is shown. */
export function OrderPanel({ orderId, focus }: { orderId: Id; focus: boolean }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const { data: orders, error } = useOrders();
  const order = orders?.find((one) => one.orderId === orderId);
  // An order that is being undone is not among the orders before it is cancelled.
  const begun = orders !== undefined && order === undefined;

  useEffect(() => {
    if (!focus) return;
    const { current } = heading;
    if (!current) return;
    current.focus({ preventScroll: true });
    // On a phone it is below what was just used; beside it, it is mostly in sight already.
    const below = current.getBoundingClientRect().top > innerHeight / 2;
    current.scrollIntoView({ block: below ? 'start' : 'nearest' });
  }, [orderId, focus]);

  return (
    <Panel
      id="order"
      className="order"
      headingRef={heading}
      title={<span title={orderId}>{t('order.title', { orderId: shortId(orderId) })}</span>}
      aside={order && <OrderStates order={order} />}
    >
      {begun && <p className="order-begun">{t('order.begun')}</p>}
      {error && <ProblemAlert error={error} />}
      <Suspense fallback={<Skeleton active title={false} />}>
        {order && order.orderStatus !== OrderStatus.unconfirmed && <PayDesk key={orderId} order={order} />}
        <Timeline orderId={orderId} />
      </Suspense>
    </Panel>
  );
}
