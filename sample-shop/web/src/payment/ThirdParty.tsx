import { Button } from 'antd';
import { useTranslation } from 'react-i18next';

interface Props {
  /** Whether the shop knows already. */
  again: boolean;
  disabled: boolean;
  onNotify: (times: number) => void;
}

/** What the third party can tell the shop: that the customer paid, once or twice at the same time, or once more. */
export function ThirdParty({ again, disabled, onNotify }: Props) {
  const { t } = useTranslation();
  return (
    <div className="pay-buttons">
      <Button type={again ? 'default' : 'primary'} disabled={disabled} onClick={() => onNotify(1)}>
        {again ? t('pay.again') : t('pay.once')}
      </Button>
      {!again && (
        <Button disabled={disabled} onClick={() => onNotify(2)}>
          {t('pay.twice')}
        </Button>
      )}
    </div>
  );
}
