import { InputNumber } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  value: number;
  stock: number;
  onChange: (value: number) => void;
}

/** How many; more than there are may be asked for, and it is for the shop to refuse them. */
export function QuantityField({ value, stock, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {t('choose.quantity')}
      </label>
      <InputNumber
        id={id}
        mode="spinner"
        min={1}
        max={9999}
        precision={0}
        value={value}
        aria-describedby={`${id}-low`}
        onChange={(typed) => onChange(typed ?? 1)}
      />
      <p id={`${id}-low`} className="field-note" role="status">
        {value > stock && t('choose.stockLow', { count: stock })}
      </p>
    </div>
  );
}
