import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { useShopInfo } from '../api/queries.ts';
import { duration, shortId } from '../parts/format.ts';
import { ServiceBadge } from '../parts/ServiceBadge.tsx';
import { ConsumerBranch } from './ConsumerBranch.tsx';
import type { Flow } from './flows.ts';
import { Moment } from './Moment.tsx';
import { SENDER_MARKS } from './marks.ts';

/** One message: its sender to the left, its consumers as branches to the right (below each other on a phone). */
export function FlowCard({ flow, start }: { flow: Flow; start: number }) {
  const { t } = useTranslation();
  const half = flow.steps.some(({ kind }) => kind === 'half') && flow.steps.length === 1;
  const { data: info } = useShopInfo();
  const delay = duration(info?.unpaidTimeout ?? 0);
  const due = info && flow.tag === 'order_unpaid' ? flow.startedAt + info.unpaidTimeout : undefined;
  const meaning = `timeline.tag.${flow.tag}`;
  return (
    <li className="flow">
      <header className="flow-head">
        <h4>
          <code className="flow-tag">{flow.tag}</code>
        </h4>
        <span className="muted flow-ids">
          <code>{flow.topic}</code> · {t('timeline.key')} <code title={flow.key}>{shortId(flow.key)}</code> ·{' '}
          {t('timeline.id')} <code title={flow.id}>{shortId(flow.id)}</code>
        </span>
        {i18next.exists(meaning) && (
          <p className="muted flow-meaning">{t(meaning as 'timeline.tag.order_unpaid', { delay })}</p>
        )}
      </header>
      <div className="flow-way">
        <div className="sender">
          <span className="visually-hidden">{t('timeline.sender')}: </span>
          <ServiceBadge group={flow.sender ?? t('timeline.unknownSender')} />
          <ol className="events">
            {flow.steps.map(({ kind, time }) => (
              <li key={`${kind}-${time}`} className={`event event-${SENDER_MARKS[kind].tone}`}>
                <span aria-hidden="true">{SENDER_MARKS[kind].sign}</span> {t(`timeline.kind.${kind}`)}{' '}
                <Moment time={time} start={start} />
              </li>
            ))}
          </ol>
        </div>
        {flow.consumers.length === 0 ? (
          <p className="muted flow-nobody">
            {flow.withdrawn ? t('timeline.withdrawn') : t('timeline.nobody')}
          </p>
        ) : (
          <ul className="tree" aria-label={t('timeline.consumers')}>
            {flow.consumers.map((consumer) => (
              <ConsumerBranch key={consumer.group} consumer={consumer} start={start} due={due} />
            ))}
          </ul>
        )}
      </div>
      {half && <p className="muted">{t('timeline.half')}</p>}
    </li>
  );
}
