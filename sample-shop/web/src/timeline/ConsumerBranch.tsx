import { useTranslation } from 'react-i18next';
import { clock } from '../parts/format.ts';
import { ServiceBadge } from '../parts/ServiceBadge.tsx';
import type { Consumer } from './flows.ts';
import { DELIVERY_MARKS } from './marks.ts';
import { Moment } from './Moment.tsx';

interface Props {
  consumer: Consumer;
  start: number;
  /** When a delayed message comes. */
  due: number | undefined;
}

/** One consumer group of a message, and how each delivery to it ended. */
export function ConsumerBranch({ consumer, start, due }: Props) {
  const { t } = useTranslation();
  const { group, state, deliveries } = consumer;
  return (
    <li className={`branch branch-${state}`}>
      <ServiceBadge group={group} />
      <ol className="events">
        {deliveries.map(({ kind, attempt, time }) => (
          <li key={`${attempt}-${kind}-${time}`} className={`event event-${DELIVERY_MARKS[kind].tone}`}>
            <span aria-hidden="true">{DELIVERY_MARKS[kind].sign}</span> {t(`timeline.kind.${kind}`)}
            <span className="muted">, {t('timeline.attempt', { attempt })}</span>{' '}
            <Moment time={time} start={start} />
          </li>
        ))}
        {(state === 'waiting' || state === 'retrying') && (
          <li className="event event-plain">
            <span aria-hidden="true">◌</span> {t(`timeline.state.${state}`)}
            {state === 'waiting' &&
              due !== undefined &&
              `, ${t('timeline.state.due', { time: clock(due, false) })}`}
          </li>
        )}
      </ol>
    </li>
  );
}
