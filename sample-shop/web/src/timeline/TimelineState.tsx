import { useTranslation } from 'react-i18next';
import { StatusPill } from '../parts/StatusPill.tsx';
import type { Tone } from '../parts/StatusPill.tsx';
import { isSettled } from './flows.ts';
import type { Flow } from './flows.ts';

const TONES = { dead: 'bad', live: 'busy', settled: 'good' } as const satisfies Record<string, Tone>;

function stateOf(flows: readonly Flow[]): keyof typeof TONES {
  if (flows.some(({ consumers }) => consumers.some(({ state }) => state === 'dead'))) return 'dead';
  return flows.every(isSettled) ? 'settled' : 'live';
}

/** Whether more is to come, everything came, or an operator has to look. */
export function TimelineState({ flows }: { flows: readonly Flow[] }) {
  const { t } = useTranslation();
  const state = stateOf(flows);
  return (
    <StatusPill tone={TONES[state]}>
      <span className={state === 'live' ? 'dot dot-live' : 'dot'} aria-hidden="true" />
      {t(`timeline.${state}`)}
    </StatusPill>
  );
}
