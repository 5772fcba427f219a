import { useQuery } from '@tanstack/react-query';
import { shop } from '../api/client.ts';
import { CALM, keys } from '../api/queries.ts';
import type { Id, MoneyText } from '../api/types.ts';

/** The payments that were begun since the page was loaded; the shop has no list of them. */
const begun: Id[] = [];

/** Begins to pay an order. One that is being paid already keeps its payment. */
export async function beginPayment(orderId: Id, payAmount: MoneyText): Promise<Id> {
  const { payId } = await shop.createPayment(orderId, payAmount);
  if (!begun.includes(payId)) begun.push(payId);
  return payId;
}

/** The payments as pay-service has them, whatever became of the messages about them. */
export const usePayments = () =>
  useQuery({
    queryKey: keys.payments,
    queryFn: () => Promise.all(begun.map(shop.payment)),
    refetchInterval: CALM,
  });
