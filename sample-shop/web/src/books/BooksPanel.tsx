import { useTranslation } from 'react-i18next';
import { money } from '../parts/format.ts';
import { Panel } from '../parts/Panel.tsx';
import { StatusPill } from '../parts/StatusPill.tsx';
import type { Books } from './effects.ts';
import type { BooksNow } from './useBooks.ts';
import './books.css';

const ROWS = ['stock', 'coupons', 'balance', 'score'] as const satisfies (keyof Books)[];

const shown = (books: Books, row: keyof Books): string =>
  row === 'balance' ? money(books.balance) : String(books[row]);

/** Four tables of four services beside what the orders say: how the books come back into balance. */
export function BooksPanel({ books }: { books: BooksNow }) {
  const { t } = useTranslation();
  const { now, before, due, goods, user } = books;
  if (!now) return null;
  const compared = before && due ? { before, due } : undefined;
  const agrees = (row: keyof Books) => compared === undefined || now[row] === compared.due[row];
  const balanced = ROWS.every(agrees);

  return (
    <Panel
      title={t('books.title')}
      aside={
        compared && (
          <StatusPill tone={balanced ? 'good' : 'busy'}>
            {balanced ? t('books.balanced') : t('books.moving')}
          </StatusPill>
        )
      }
    >
      <p className="muted books-hint">{compared ? t('books.hint') : t('books.hintStart')}</p>
      <table className="books">
        <thead>
          <tr>
            <th scope="col">{t('books.what')}</th>
            {compared && <th scope="col">{t('books.before')}</th>}
            <th scope="col">{t('books.now')}</th>
            {compared && <th scope="col">{t('books.due')}</th>}
          </tr>
        </thead>
        <tbody>
          {ROWS.map((row) => (
            <tr key={row} data-book={row}>
              <th scope="row">
                {t(`books.${row}`, { goods: goods?.goodsName ?? '', name: user?.userName ?? '' })}
              </th>
              {compared && <td className="muted">{shown(compared.before, row)}</td>}
              <td className={now[row] === compared?.before[row] ? '' : 'books-changed'}>{shown(now, row)}</td>
              {compared && (
                <td className={agrees(row) ? 'books-agrees' : 'books-differs'}>
                  {shown(compared.due, row)} <span aria-hidden="true">{agrees(row) ? '✓' : '…'}</span>
                  <span className="visually-hidden">
                    {agrees(row) ? t('books.rowBalanced') : t('books.rowMoving')}
                  </span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
