import { Button, InputNumber } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { isZero } from '../money/difference.ts';
import { money } from '../parts/format.ts';

interface Props {
  value: string;
  usable: string;
  onChange: (value: string) => void;
}

/** How much of the user's balance is used; typed as text, so that no digit passes through a float. */
export function BalanceField({ value, usable, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {t('choose.balance')}
      </label>
      <div className="field-row">
        <InputNumber<string>
          id={id}
          stringMode
          min="0"
          max={usable}
          precision={2}
          controls={false}
          inputMode="decimal"
          value={value}
          onChange={(typed) => onChange(typed ?? '0.00')}
        />
        <Button disabled={isZero(usable)} onClick={() => onChange(usable)}>
          {t('choose.balanceAll', { amount: money(usable) })}
        </Button>
      </div>
    </div>
  );
}
