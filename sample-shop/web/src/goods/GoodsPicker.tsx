import { useTranslation } from 'react-i18next';
import type { Goods, Id } from '../api/types.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import { money } from '../parts/format.ts';

interface Props {
  goods: readonly Goods[];
  value: Id | undefined;
  onChange: (goodsId: Id) => void;
}

/** What the shop sells, with price and stock. */
export function GoodsPicker({ goods, value, onChange }: Props) {
  const { t } = useTranslation();
  if (goods.length === 0) return <p>{t('choose.goodsNone')}</p>;
  return (
    <ChoiceCards
      look="rows"
      legend={t('choose.goods')}
      value={value}
      onChange={onChange}
      choices={goods.map(({ goodsId, goodsName, goodsPrice, goodsNumber, goodsDesc }) => ({
        value: goodsId,
        label: (
          <>
            <span>{goodsName}</span>
            <span className="number">{money(goodsPrice)}</span>
          </>
        ),
        detail: (
          <>
            {goodsDesc && <span>{goodsDesc} · </span>}
            <span className="nowrap">{t('choose.stock', { count: goodsNumber })}</span>
          </>
        ),
      }))}
    />
  );
}
