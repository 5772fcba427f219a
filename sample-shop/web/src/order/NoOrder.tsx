import { useTranslation } from 'react-i18next';
import { Panel } from '../parts/Panel.tsx';
import { ServiceBadge } from '../parts/ServiceBadge.tsx';
import './no-order.css';

const CONSUMERS = ['goods-service', 'coupon-service', 'user-service', 'order-service'];

/** What stands where an order will be: how a message goes. */
export function NoOrder() {
  const { t } = useTranslation();
  return (
    <Panel id="order" className="order" title={t('order.empty')}>
      <p className="muted">{t('order.emptyHint')}</p>
      <div className="no-order" aria-hidden="true">
        <ServiceBadge group="order-service" />
        <span className="no-order-line" />
        <code className="no-order-topic">orderTopic</code>
        <ul className="tree">
          {CONSUMERS.map((group) => (
            <li key={group} className="branch branch-waiting">
              <ServiceBadge group={group} />
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
