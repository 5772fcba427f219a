import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, isLanguage, LANGUAGES } from '../i18n/language.ts';
import type { Mode } from '../theme/theme.ts';
import './header.css';

interface Props {
  mode: Mode;
  onMode: (mode: Mode) => void;
}

/** What this is, and how one likes to see it. */
export function Header({ mode, onMode }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <header className="top">
      <a className="skip" href="#order" onClick={skipToOrder}>
        {t('skip')}
      </a>
      <div className="top-name">
        <img src="./favicon.svg" alt="" width="36" height="36" />
        <div>
          <h1>{t('title')}</h1>
          <p className="muted">{t('lead')}</p>
        </div>
      </div>
      <div className="top-switches">
        <Segmented
          aria-label={t('language')}
          name="language"
          value={isLanguage(i18n.language) ? i18n.language : 'en'}
          options={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          onChange={(value) => isLanguage(value) && void chooseLanguage(value)}
        />
        <Segmented<Mode>
          aria-label={t('theme.label')}
          name="theme"
          value={mode}
          options={(['light', 'dark'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
          onChange={onMode}
        />
      </div>
    </header>
  );
}

/** Moves the focus without changing the address, whose hash says which order is shown. */
function skipToOrder(event: React.MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#order h2')?.focus();
}
