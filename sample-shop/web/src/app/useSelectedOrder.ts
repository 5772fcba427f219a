import { useHashLocation } from 'wouter/use-hash-location';
import type { Id } from '../api/types.ts';

const PATH = /^\/orders\/(\d+)$/;

/** The order that is looked at: in the address, so that it can be kept, and gone back to. */
export function useSelectedOrder(): [Id | undefined, (orderId: Id) => void] {
  const [location, navigate] = useHashLocation();
  return [PATH.exec(location)?.[1], (orderId) => navigate(`/orders/${orderId}`)];
}
