import { useQuery } from '@tanstack/react-query';
import { isSettled, flowsOf } from '../timeline/flows.ts';
import { shop } from './client.ts';
import type { Id, TimelineEntry } from './types.ts';

/** How often the page looks, in milliseconds: what is under way often, all else now and then. */
const LIVE = 700;
const CALM = 1500;

export const keys = {
  info: ['info'] as const,
  goods: ['goods'] as const,
  users: ['users'] as const,
  user: (userId: Id) => ['user', userId] as const,
  orders: ['orders'] as const,
  payment: (orderId: Id) => ['payment', orderId] as const,
  timeline: (orderId: Id) => ['timeline', orderId] as const,
};

export const useShopInfo = () => useQuery({ queryKey: keys.info, queryFn: shop.info, staleTime: Infinity });

export const useGoods = () => useQuery({ queryKey: keys.goods, queryFn: shop.goods, refetchInterval: CALM });

export const useUsers = () => useQuery({ queryKey: keys.users, queryFn: shop.users });

export const useUser = (userId: Id) =>
  useQuery({ queryKey: keys.user(userId), queryFn: () => shop.user(userId), refetchInterval: CALM });

/** The orders of all users, the newest first. */
export const useOrders = () =>
  useQuery({ queryKey: keys.orders, queryFn: shop.orders, refetchInterval: CALM });

function intervalFor(entries: TimelineEntry[] | undefined): number {
  const flows = flowsOf(entries ?? []);
  return flows.length > 0 && flows.every(isSettled) ? CALM : LIVE;
}

export const useTimeline = (orderId: Id) =>
  useQuery({
    queryKey: keys.timeline(orderId),
    queryFn: () => shop.timeline(orderId),
    refetchInterval: ({ state }) => intervalFor(state.data),
  });
