import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { shop } from '../api/client.ts';
import { keys, useGoods, useOrders, useUser } from '../api/queries.ts';
import type { Goods, Id, Order, UserDetail } from '../api/types.ts';
import { usePayments } from '../payment/payments.ts';
import { addBooks, changeBetween } from './effects.ts';
import type { Books, Told } from './effects.ts';

/** The books at a moment, and what the shop told then. */
interface Noted {
  userId: Id;
  goodsId: Id;
  books: Books;
  told: Told;
}

function booksOf(goods: Goods, user: UserDetail): Books {
  return {
    stock: goods.goodsNumber,
    coupons: user.coupons.filter(({ isUsed }) => isUsed === 0).length,
    balance: user.userMoney,
    score: user.userScore,
  };
}

/**
 * The books of one user and one kind of goods: now, before the last order, and as the orders say they must be. They are
 * kept by four services, each by itself; only messages make them agree.
 */
export function useBooks(userId: Id, goodsId: Id | undefined) {
  const client = useQueryClient();
  const [noted, setNoted] = useState<Noted>();
  const { data: allGoods = [] } = useGoods();
  const { data: user } = useUser(userId);
  const { data: orders } = useOrders();
  const { data: payments = [] } = usePayments();
  const goods = allGoods.find((one) => one.goodsId === goodsId);

  /** Notes the books as they are now, to see how what comes next changes them. */
  async function note(): Promise<void> {
    const [freshGoods, freshUser, freshOrders] = await Promise.all([
      client.fetchQuery<Goods[]>({ queryKey: keys.goods, queryFn: shop.goods, staleTime: 0 }),
      client.fetchQuery<UserDetail>({
        queryKey: keys.user(userId),
        queryFn: () => shop.user(userId),
        staleTime: 0,
      }),
      client.fetchQuery<Order[]>({ queryKey: keys.orders, queryFn: shop.orders, staleTime: 0 }),
    ]);
    const chosen = freshGoods.find((one) => one.goodsId === goodsId);
    if (!chosen) return;
    setNoted({
      userId,
      goodsId: chosen.goodsId,
      books: booksOf(chosen, freshUser),
      told: { orders: freshOrders, payments },
    });
  }

  const now = goods && user ? booksOf(goods, user) : undefined;
  const before = noted?.userId === userId && noted.goodsId === goodsId ? noted : undefined;
  const due =
    before && orders && goods
      ? addBooks(before.books, changeBetween(before.told, { orders, payments }, userId, goods.goodsId))
      : undefined;
  return { now, before: before?.books, due, note, goods, user };
}

export type BooksNow = ReturnType<typeof useBooks>;
