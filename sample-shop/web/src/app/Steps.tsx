import { useTranslation } from 'react-i18next';
import './steps.css';

const STEPS = ['buy', 'watch', 'break'] as const;

/** What one can do here, in three sentences. */
export function Steps() {
  const { t } = useTranslation();
  return (
    <ol className="steps" aria-label={t('steps.label')}>
      {STEPS.map((step, index) => (
        <li key={step}>
          <span className="steps-number" aria-hidden="true">
            {index + 1}
          </span>
          {t(`steps.${step}`)}
        </li>
      ))}
    </ol>
  );
}
