import { useTranslation } from 'react-i18next';
import type { Coupon, Id } from '../api/types.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import { money } from '../parts/format.ts';

interface Props {
  coupons: readonly Coupon[];
  value: Id | undefined;
  onChange: (couponId: Id | undefined) => void;
}

const NONE = 'none';

/** The coupons that the user has not used, or none of them. */
export function CouponPicker({ coupons, value, onChange }: Props) {
  const { t } = useTranslation();
  const choices = [
    { value: NONE, label: t('choose.noCoupon') },
    ...coupons.map(({ couponId, couponPrice }) => ({ value: couponId, label: money(couponPrice) })),
  ];
  return (
    <div>
      <ChoiceCards
        look="chips"
        legend={t('choose.coupon')}
        choices={choices}
        value={value ?? NONE}
        onChange={(chosen) => onChange(chosen === NONE ? undefined : chosen)}
      />
      {coupons.length === 0 && <p className="muted">{t('choose.couponsGone')}</p>}
    </div>
  );
}
