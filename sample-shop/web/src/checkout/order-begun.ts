import type { Problem } from '../api/problem.ts';
import type { Id } from '../api/types.ts';

/** The id of the order that a refused request had begun, where the shop says so. */
export function orderBegun({ data }: Problem): Id | undefined {
  if (typeof data !== 'object' || data === null || !('orderId' in data)) return undefined;
  return typeof data.orderId === 'string' ? data.orderId : undefined;
}
