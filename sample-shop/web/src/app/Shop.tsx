import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGoods } from '../api/queries.ts';
import type { Id, User } from '../api/types.ts';
import { BooksPanel } from '../books/BooksPanel.tsx';
import { useBooks } from '../books/useBooks.ts';
import { Checkout } from '../checkout/Checkout.tsx';
import { NoOrder } from '../order/NoOrder.tsx';
import { OrderList } from '../order/OrderList.tsx';
import { OrderPanel } from '../order/OrderPanel.tsx';
import { Panel } from '../parts/Panel.tsx';
import { remember, remembered } from '../parts/remember.ts';
import { useSelectedOrder } from './useSelectedOrder.ts';

/** The parts of the page beside each other: what is chosen, what came of it, and the books. */
export function Shop({ users }: { users: readonly [User, ...User[]] }) {
  const { t } = useTranslation();
  const [chosenUser, setUserId] = useState<Id | undefined>(() => remembered('user'));
  const [chosenGoods, setGoodsId] = useState<Id>();
  const [orderId, selectOrder] = useSelectedOrder();
  // The order that a link leads to is shown without taking the focus.
  const [opened] = useState(orderId);
  const { data: goods = [] } = useGoods();

  const userId = (users.find((one) => one.userId === chosenUser) ?? users[0]).userId;
  const goodsId = (goods.find((one) => one.goodsId === chosenGoods) ?? goods[0])?.goodsId;
  const books = useBooks(userId, goodsId);

  return (
    <div className="parts">
      <Panel title={t('choose.title')} className="part-checkout">
        <Checkout
          userId={userId}
          goodsId={goodsId}
          onUser={(chosen) => {
            remember('user', chosen);
            setUserId(chosen);
          }}
          onGoods={setGoodsId}
          onBuy={books.note}
          onOrder={selectOrder}
        />
      </Panel>
      <div className="part-order">
        {orderId === undefined ? <NoOrder /> : <OrderPanel orderId={orderId} focus={orderId !== opened} />}
      </div>
      <div className="part-side">
        <BooksPanel books={books} />
        <OrderList userId={userId} selected={orderId} onSelect={selectOrder} />
      </div>
    </div>
  );
}
