import { useTranslation } from 'react-i18next';
import { FAIL_AT } from '../api/types.ts';
import type { FailAt } from '../api/types.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import './fail-switches.css';

interface Props {
  value: FailAt | undefined;
  onChange: (failAt: FailAt | undefined) => void;
}

const NONE = 'none';

/** Makes a step of the next order fail, to see how what was done before it is undone. */
export function FailSwitches({ value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className={`fail ${value ? 'fail-armed' : ''}`}>
      <ChoiceCards
        look="chips"
        legend={t('fail.label')}
        choices={([NONE, ...FAIL_AT] as const).map((step) => ({ value: step, label: t(`fail.${step}`) }))}
        value={value ?? NONE}
        onChange={(step) => onChange(step === NONE ? undefined : step)}
      />
      <p className="muted">{value === 'send' ? t('fail.hintSend') : t('fail.hint')}</p>
    </div>
  );
}
