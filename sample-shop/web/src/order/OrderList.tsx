import { useTranslation } from 'react-i18next';
import { useGoods, useOrders, useUsers } from '../api/queries.ts';
import type { Id } from '../api/types.ts';
import { clock, money, shortId } from '../parts/format.ts';
import { Panel } from '../parts/Panel.tsx';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { OrderStates } from './OrderStates.tsx';
import './order-list.css';

interface Props {
  userId: Id;
  selected: Id | undefined;
  onSelect: (orderId: Id) => void;
}

/** The orders of a user, the newest first; each can be looked at. */
export function OrderList({ userId, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const { data: orders, error, refetch } = useOrders();
  const { data: goods = [] } = useGoods();
  const { data: users = [] } = useUsers();
  const theirs = orders?.filter((order) => order.userId === userId) ?? [];
  const name = users.find((user) => user.userId === userId)?.userName ?? '';
  const nameOf = (goodsId: Id) => goods.find((one) => one.goodsId === goodsId)?.goodsName ?? shortId(goodsId);

  return (
    <Panel title={t('orders.title', { name })} className="orders">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {orders && theirs.length === 0 && <p className="muted">{t('orders.none')}</p>}
      <ul className="order-list">
        {theirs.map((order) => (
          <li key={order.orderId}>
            <button
              type="button"
              className="order-row"
              aria-current={order.orderId === selected}
              onClick={() => onSelect(order.orderId)}
            >
              <span className="order-what">
                <span className="visually-hidden">{t('orders.show', { orderId: order.orderId })}: </span>
                {t('orders.line', { count: order.goodsNumber, goods: nameOf(order.goodsId) })}
              </span>
              <span className="number order-amount">{money(order.orderAmount)}</span>
              <span className="muted number order-when">
                {shortId(order.orderId)} · {clock(new Date(order.addTime).getTime(), false)}
              </span>
              <OrderStates order={order} />
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
