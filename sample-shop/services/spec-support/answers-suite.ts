import { describe, expect, it } from '@jest/globals';
import { ANSWERS, type AnswerCode } from '@sample-shop/api';
import {
  ADA,
  COUPON_OF_GRACE,
  COUPONS,
  GRACE,
  LAMP,
  ORDER,
  type Answered,
  type TestShop,
} from './test-shop.ts';

const NOBODY = '1';

/** A request, and the code it has to be answered with. */
interface Row {
  readonly code: AnswerCode;
  readonly when: string;
  readonly ask: (shop: TestShop) => Promise<Answered<unknown>>;
}

const row = (code: AnswerCode, when: string, ask: Row['ask']): Row => ({ code, when, ask });
const place = (code: AnswerCode, when: string, change: object): Row =>
  row(code, when, (shop) => shop.place({ ...ORDER, ...change }));
const get = (code: AnswerCode, when: string, path: string): Row =>
  row(code, when, (shop) => shop.request('GET', `/order-web/${path}`));
const post = (code: AnswerCode, when: string, path: string, body: unknown): Row =>
  row(code, when, (shop) => shop.request('POST', `/order-web/${path}`, body));

const invalid = 'REQUEST_PARAMETER_INVALID';
const ROWS: Row[] = [
  get('SUCCESS', 'what is sold is asked for', 'goods'),
  place(invalid, 'the goods are missing', { goodsId: undefined }),
  place(invalid, 'an id is a number', { userId: 12 }),
  place(invalid, 'an id has more than 64 bits', { userId: '9223372036854775808' }),
  place(invalid, 'the quantity is 0', { goodsNumber: 0 }),
  place(invalid, 'the quantity is negative', { goodsNumber: -1 }),
  place(invalid, 'the quantity is not whole', { goodsNumber: 1.5 }),
  place(invalid, 'money has three decimals', { goodsPrice: 129.001 }),
  place(invalid, 'money is no number', { orderAmount: 'NaN' }),
  place(invalid, 'money is more than there can be', { orderAmount: '100000000.00' }),
  place(invalid, 'a line has control characters', { address: 'a\u0000b' }),
  place(invalid, 'a line is empty', { consignee: ' ' }),
  place(invalid, 'a line is too long', { address: 'x'.repeat(256) }),
  place(invalid, 'there is a field that nobody knows', { couponID: COUPONS[0] }),
  place(invalid, 'there is no such step to fail', { failAt: 'luck' }),
  post(invalid, 'the body is no JSON', 'order/confirm', '{'),
  post(invalid, 'the body is a list', 'order/confirm', []),
  get(invalid, 'a path has no id', 'orders/first'),
  get(invalid, 'a query has no id', 'orders?userId=x'),
  post(invalid, 'a message of another topic is sent again', 'messages', {
    topic: 'payTopic',
    body: { orderId: '1' },
  }),
  get('ORDER_NOT_FOUND', 'there is no such order', `orders/${NOBODY}`),
  post('ORDER_NOT_FOUND', 'an order that is not there is refunded', `orders/${NOBODY}/refund`, undefined),
  row('ORDER_INVALID', 'an order that takes place is refunded', async (shop) => {
    const { data } = await shop.place(ORDER);
    return shop.request('POST', `/order-web/orders/${data?.orderId}/refund`);
  }),
  place('GOODS_NOT_FOUND', 'there are no such goods', { goodsId: NOBODY }),
  place('USER_NOT_FOUND', 'there is no such user', { userId: NOBODY }),
  get('USER_NOT_FOUND', 'a user is asked for that is not there', `users/${NOBODY}`),
  place('GOODS_PRICE_INVALID', 'the price is another one', { goodsPrice: '128.99' }),
  place('STOCK_NOT_ENOUGH', 'more are ordered than there are', { goodsNumber: 101, orderAmount: '13029.00' }),
  place('SHIPPING_FEE_INVALID', 'shipping is free', { shippingFee: '10.00', orderAmount: '139.00' }),
  place('SHIPPING_FEE_INVALID', 'shipping is not free', {
    goodsId: LAMP,
    goodsPrice: '45.50',
    orderAmount: '45.50',
  }),
  place('ORDER_AMOUNT_INVALID', 'the amount is another one', { orderAmount: '129.01' }),
  place('COUPON_NOT_FOUND', 'there is no such coupon', { couponId: NOBODY }),
  place('COUPON_INVALID', "a coupon is another user's", { couponId: COUPON_OF_GRACE }),
  row('COUPON_INVALID', 'a coupon was used', async (shop) => {
    const order = { ...ORDER, userId: GRACE, couponId: COUPON_OF_GRACE };
    await shop.place(order);
    return shop.place(order);
  }),
  place('BALANCE_NEGATIVE', 'the balance to use is below zero', { moneyPaid: '-0.01' }),
  place('BALANCE_NOT_ENOUGH', 'more balance is used than there is', { moneyPaid: 900.01 }),
  place('REDUCE_STOCK_FAILED', 'the stock fails', { failAt: 'stock' }),
  place('COUPON_USE_FAILED', 'the coupon fails', { failAt: 'coupon' }),
  place('BALANCE_REDUCE_FAILED', 'the balance fails', { failAt: 'balance' }),
  place('ORDER_CONFIRM_FAILED', 'the confirming fails', { failAt: 'confirm' }),
  post('MESSAGE_TOPIC_EMPTY', 'a message without a topic is sent again', 'messages', { topic: '', body: {} }),
  post('MESSAGE_BODY_EMPTY', 'a message without a body is sent again', 'messages', { topic: 'orderTopic' }),
  row('NOT_PAID', 'an order that took no balance is refunded', async (shop) => {
    const { data } = await shop.place({ ...ORDER, failAt: 'confirm' });
    return shop.request('POST', `/order-web/orders/${data?.orderId}/refund`);
  }),
  row('REFUND_ALREADY_DONE', 'an order is refunded that was', async (shop) => {
    const { data } = await shop.place({ ...ORDER, moneyPaid: '1.00', failAt: 'confirm' });
    await shop.balanced();
    return shop.request('POST', `/order-web/orders/${data?.orderId}/refund`);
  }),
  place('SEND_FAILED', 'the sending fails', { failAt: 'send' }),
  row('ORDER_SAVE_FAILED', 'the orders are gone', (shop) => withoutOrders(shop, () => shop.place(ORDER))),
  row('FAIL', 'what the shop needs is gone', (shop) =>
    withoutOrders(shop, () => shop.request('GET', `/order-web/orders?userId=${ADA}`)),
  ),
];

/** Every answer of the order side comes from some request, with its HTTP status. */
export function describeAnswers(shop: () => TestShop): void {
  describe('the answers', () => {
    it.each(ROWS)('$code when $when', async ({ code, ask }) => {
      const { status, ...answer } = await ask(shop());
      expect(answer).toMatchObject({ code, success: code === 'SUCCESS', message: expect.any(String) });
      expect(status).toBe(ANSWERS[code].status);
    });

    it('are these, less those of the pay side', () => {
      const rest = Object.keys(ANSWERS).filter((code) => !ROWS.some((each) => each.code === code));
      expect(rest.toSorted()).toEqual(['ALREADY_PAID', 'PAYMENT_CREATE_FAILED', 'PAYMENT_NOT_FOUND']);
    });

    it('say everything that is wrong with a request', async () => {
      const { message } = await shop().place({ ...ORDER, goodsNumber: 0, goodsPrice: 'free' });
      expect(message).toContain('goodsNumber must not be less than 1');
      expect(message).toContain('goodsPrice must be a sum of money with at most two decimals');
    });

    it('have the order that was cancelled', async () => {
      const { data } = await shop().place({ ...ORDER, failAt: 'stock' });
      expect(await shop().order(data?.orderId ?? '')).toMatchObject({ orderStatus: 2, userId: ADA });
    });
  });
}

/** Takes the table of orders away for a while. */
async function withoutOrders<T>({ database }: TestShop, work: () => Promise<T>): Promise<T> {
  const { dataSource } = database;
  const qualify = (name: string): string =>
    dataSource.options.type === 'postgres' ? name : `shop_order.${name}`;
  await dataSource.query(`ALTER TABLE shop_order.trade_order RENAME TO ${qualify('away')}`);
  try {
    return await work();
  } finally {
    await dataSource.query(`ALTER TABLE shop_order.away RENAME TO ${qualify('trade_order')}`);
  }
}
