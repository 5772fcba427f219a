import { Problem } from './problem.ts';
import type {
  Answer,
  Goods,
  Id,
  MoneyText,
  Order,
  Payment,
  PlacedOrder,
  PlaceOrder,
  ShopInfo,
  TimelineEntry,
  User,
  UserDetail,
} from './types.ts';

/** How long the shop may take for an answer; an order waits for three services. */
const TIMEOUT = 30_000;

async function request<T>(path: string, options: RequestInit = {}): Promise<T> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(path, { ...options, signal }).catch((error: unknown) => {
    throw new Problem(0, 'unreachable', error instanceof Error ? error.message : String(error));
  });
  const answer = (await response.json().catch(() => undefined)) as Answer<T> | undefined;
  if (answer === undefined || typeof answer.success !== 'boolean') {
    throw new Problem(response.status, 'unreadable', `${path}: HTTP ${response.status}`);
  }
  if (!answer.success) {
    throw new Problem(response.status, String(answer.code), answer.message, answer.data);
  }
  return answer.data as T;
}

const get = <T>(path: string) => request<T>(path);

const post = <T>(path: string, body: unknown) =>
  request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const id = encodeURIComponent;

/** The shop's HTTP contract. Each throws a {@link Problem} when the answer is not a success. */
export const shop = {
  info: () => get<ShopInfo>('/order-web/settings'),
  goods: () => get<Goods[]>('/order-web/goods'),
  users: () => get<User[]>('/order-web/users'),
  user: (userId: Id) => get<UserDetail>(`/order-web/users/${id(userId)}`),
  orders: () => get<Order[]>('/order-web/orders'),
  timeline: (orderId: Id) => get<TimelineEntry[]>(`/order-web/orders/${id(orderId)}/timeline`),
  confirmOrder: (order: PlaceOrder) => post<PlacedOrder>('/order-web/order/confirm', order),
  /** Sends the last message of an order again; only where failure switches are on. */
  resendMessage: (orderId: Id) =>
    post<unknown>('/order-web/messages', { topic: 'orderTopic', body: { orderId } }),
  createPayment: (orderId: Id, payAmount: MoneyText) =>
    post<{ payId: Id }>('/pay-web/pay/createPayment', { orderId, payAmount }),
  payment: (payId: Id) => get<Payment>(`/pay-web/payments/${id(payId)}`),
  /** What the third party sends when the customer paid there. */
  callbackPayment: (payId: Id) => post<unknown>('/pay-web/pay/callbackPayment', { payId, isPaid: 2 }),
};
