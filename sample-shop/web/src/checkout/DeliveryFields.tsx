import { Input } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { OrderChoice } from './useChoice.ts';

/** Where the parcel goes, and whose name is on it. */
export function DeliveryFields({ choice, userName }: { choice: OrderChoice; userName: string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field-pair">
      <div>
        <label className="field-label" htmlFor={`${id}-address`}>
          {t('choose.address')}
        </label>
        <Input
          id={`${id}-address`}
          maxLength={255}
          autoComplete="off"
          value={choice.address ?? t('choose.addressDefault')}
          onChange={({ target }) => choice.setAddress(target.value)}
        />
      </div>
      <div>
        <label className="field-label" htmlFor={`${id}-consignee`}>
          {t('choose.consignee')}
        </label>
        <Input
          id={`${id}-consignee`}
          maxLength={100}
          autoComplete="off"
          value={choice.consignee ?? userName}
          onChange={({ target }) => choice.setConsignee(target.value)}
        />
      </div>
    </div>
  );
}
