import { useQuery } from '@tanstack/react-query';
import { isSettled, flowsOf } from '../timeline/flows.ts';
import { shop } from './client.ts';
import type { Id, TimelineEntry } from './types.ts';

/** How often the page looks, in milliseconds: what is under way often, all else now and then. */
const LIVE = 700;
export const CALM = 1500;
const QUIET_AFTER = 15_000;

export const keys = {
  info: ['info'] as const,
  goods: ['goods'] as const,
  users: ['users'] as const,
  user: (userId: Id) => ['user', userId] as const,
  orders: ['orders'] as const,
  payments: ['payments'] as const,
  timeline: (orderId: Id) => ['timeline', orderId] as const,
};

export const useShopInfo = () => useQuery({ queryKey: keys.info, queryFn: shop.info, staleTime: Infinity });

export const useGoods = () => useQuery({ queryKey: keys.goods, queryFn: shop.goods, refetchInterval: CALM });

export const useUsers = () => useQuery({ queryKey: keys.users, queryFn: shop.users, refetchInterval: CALM });

export const useUser = (userId: Id) =>
  useQuery({ queryKey: keys.user(userId), queryFn: () => shop.user(userId), refetchInterval: CALM });

/** The orders of all users, the newest first. */
export const useOrders = () =>
  useQuery({ queryKey: keys.orders, queryFn: shop.orders, refetchInterval: CALM });

function intervalFor(entries: TimelineEntry[] | undefined): number {
  const flows = flowsOf(entries ?? []);
  const latest = Math.max(...flows.map(({ changedAt }) => changedAt));
  // A delayed message is on its way for long, and nothing is to be seen of it.
  const quiet = flows.length > 0 && Date.now() - latest > QUIET_AFTER;
  return quiet || (flows.length > 0 && flows.every(isSettled)) ? CALM : LIVE;
}

export const useTimeline = (orderId: Id) =>
  useQuery({
    queryKey: keys.timeline(orderId),
    queryFn: () => shop.timeline(orderId),
    refetchInterval: ({ state }) => intervalFor(state.data),
  });
