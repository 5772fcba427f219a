import { useTranslation } from 'react-i18next';

/** Where the shop's interfaces are described. */
export function Footer() {
  const { t } = useTranslation();
  return (
    <footer className="foot muted">
      <a href="/order-web/docs">{t('footer.api')}</a>
      <a href="/pay-web/docs">{t('footer.apiPay')}</a>
    </footer>
  );
}
