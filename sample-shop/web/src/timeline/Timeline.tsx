import { useTranslation } from 'react-i18next';
import { useShopInfo, useTimeline } from '../api/queries.ts';
import type { Id } from '../api/types.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { FlowCard } from './FlowCard.tsx';
import { flowsOf, isSettled } from './flows.ts';
import { SendAgain } from './SendAgain.tsx';
import { TimelineState } from './TimelineState.tsx';
import './timeline.css';

/** The messages that an order caused, each on its way from its sender to its consumers, as it happens. */
export default function Timeline({ orderId }: { orderId: Id }) {
  const { t } = useTranslation();
  const { data: entries = [], error } = useTimeline(orderId);
  const { data: info } = useShopInfo();
  const flows = flowsOf(entries);
  const consumers = flows.flatMap((flow) => flow.consumers);
  const done = consumers.filter(({ state }) => state === 'consumed').length;
  const cancelled = flows.some((flow) => flow.tag === 'order_cancel' && isSettled(flow));
  const start = flows[0]?.startedAt ?? 0;

  return (
    <section aria-labelledby="timeline-title">
      <header className="timeline-head">
        <h3 id="timeline-title">{t('timeline.title')}</h3>
        {flows.length > 0 && <TimelineState flows={flows} />}
      </header>
      {error && <ProblemAlert error={error} />}
      <p className="muted timeline-progress" role="status">
        {flows.length === 0
          ? t('timeline.none')
          : t('timeline.progress', { count: flows.length, done, total: consumers.length })}
      </p>
      <ol className="flows">
        {flows.map((flow) => (
          <FlowCard key={flow.id} flow={flow} start={start} />
        ))}
      </ol>
      {cancelled && info?.failureSwitches && <SendAgain orderId={orderId} />}
    </section>
  );
}
