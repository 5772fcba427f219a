import { OrderStatus, PayStatus } from '../api/types.ts';
import type { Order } from '../api/types.ts';
import type { Tone } from '../parts/StatusPill.tsx';

const ORDER_STATES = ['unconfirmed', 'confirmed', 'cancelled', 'invalid', 'returned'] as const;
const PAY_STATES = ['unpaid', 'paying', 'paid'] as const;

/** An order's two states by their names, and how good each is. */
export function statesOf({ orderStatus, payStatus }: Order) {
  const order = ORDER_STATES[orderStatus] ?? 'invalid';
  const pay = PAY_STATES[payStatus] ?? 'unpaid';
  const orderTone: Tone =
    orderStatus === OrderStatus.confirmed ? 'good' : order === 'unconfirmed' ? 'busy' : 'bad';
  const payTone: Tone = payStatus === PayStatus.paid ? 'good' : 'busy';
  return { order, pay, orderTone, payTone };
}
