import { useTranslation } from 'react-i18next';
import { isZero } from '../money/difference.ts';
import type { Sums } from '../money/sums.ts';
import { money } from '../parts/format.ts';
import './summary.css';

interface Props {
  sums: Sums;
  goodsNumber: number;
  goodsPrice: string;
  freeShippingFrom: string;
}

/** What the order comes to, line by line; the shop reckons the same and refuses any other sum. */
export function Summary({ sums, goodsNumber, goodsPrice, freeShippingFrom }: Props) {
  const { t } = useTranslation();
  const goods = t('sums.goods', { count: goodsNumber, price: money(goodsPrice) });
  return (
    <section aria-label={t('sums.title')} className="sums">
      <dl>
        <Line label={goods} amount={sums.goodsAmount} />
        <Line
          label={t('sums.shipping')}
          amount={sums.shippingFee}
          note={isZero(sums.shippingFee) && t('sums.free', { amount: money(freeShippingFrom) })}
        />
        <Line label={t('sums.order')} amount={sums.orderAmount} className="sums-order" />
        {!isZero(sums.couponPaid) && <Line label={t('sums.coupon')} amount={sums.couponPaid} less />}
        {!isZero(sums.moneyPaid) && <Line label={t('sums.balance')} amount={sums.moneyPaid} less />}
        <Line label={t('sums.pay')} amount={sums.payAmount} className="sums-pay" />
      </dl>
      {sums.couponExceeds && <p className="muted">{t('sums.exceeds')}</p>}
    </section>
  );
}

interface LineProps {
  label: string;
  amount: string;
  note?: string | false;
  less?: boolean;
  className?: string;
}

function Line({ label, amount, note = false, less = false, className = '' }: LineProps) {
  return (
    <div className={`sums-line ${className}`}>
      <dt>
        {label} {note && <span className="muted">({note})</span>}
      </dt>
      <dd className="number">
        {less && '−'}
        {money(amount)}
      </dd>
    </div>
  );
}
