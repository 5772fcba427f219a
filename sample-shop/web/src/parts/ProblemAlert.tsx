import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { toProblem } from '../api/problem.ts';

interface Props {
  error: unknown;
  title?: string;
  /** What happens now. */
  next?: string;
  onRetry?: () => void;
  onClose?: () => void;
}

/** An answer that was not a success: what the shop said, its code and the HTTP status. */
export function ProblemAlert({ error, title, next, onRetry, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const { code, status, message } = toProblem(error);
  const translated = i18n.exists(code, { ns: 'codes', fallbackLng: [] });
  const answered = translated ? i18n.getResource(i18n.language, 'codes', code) : message;
  const said: string = code === 'unreachable' || code === 'unreadable' ? t(`problem.${code}`) : answered;
  const details = [t('problem.code', { code })];
  if (status > 0) details.push(t('problem.http', { status }));
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      {...(onClose && {
        closable: { onClose, closeIcon: <span aria-hidden="true">✕</span>, 'aria-label': t('problem.close') },
      })}
      title={title ?? t('problem.title')}
      description={
        <>
          <p>
            {said} <span className="muted">({details.join(', ')})</span>
          </p>
          {next !== undefined && <p>{next}</p>}
        </>
      }
      action={onRetry && <Button onClick={onRetry}>{t('problem.retry')}</Button>}
    />
  );
}
