import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Order, TimelineEntry, UserDetail } from '@sample-shop/api';
import { OrderStatus, PayStatus } from '@sample-shop/api';
import { checkBooks, openBooks, readBooks, readSettings, Shop } from '@sample-shop/services';
import type { DataSource } from 'typeorm';
import { TRANSACTION_TIMES } from './cases/transactions.ts';
import { officialBroker, officialNameServer } from './harness/official.ts';
import { Resources } from './harness/resources.ts';
import { interopSuite } from './harness/suite.ts';
import { until } from './harness/until.ts';

/** Long enough to pay in, and to see that it is paid. */
const UNPAID_MS = 10_000;
const ADA = '345988230098857984';
const ORDER = {
  userId: ADA,
  goodsId: '345959443973935104',
  goodsNumber: 1,
  goodsPrice: '129.00',
  shippingFee: '0.00',
  orderAmount: '129.00',
  address: '1 Main Street, Springfield',
  consignee: 'Ada Lovelace',
};

interopSuite("The sample shop on Apache's 5.5.0", ['server-5.5.0'], () => {
  const resources = new Resources();
  let shop: Shop;
  let books: DataSource;

  beforeAll(async () => {
    const { address } = resources.add(await officialNameServer('5.5.0'), (it) => it.kill());
    const store = resources.directory('store');
    resources.add(await officialBroker('5.5.0', address, store, TRANSACTION_TIMES), (it) => it.kill());
    const settings = readSettings({
      SHOP_NAME_SERVER: address,
      SHOP_DATA_DIR: resources.directory('shop'),
      SHOP_ORDER_WEB_PORT: '0',
      SHOP_PAY_WEB_PORT: '0',
      SHOP_DEMO: 'true',
      SHOP_FAILURE_SWITCHES: 'true',
      SHOP_UNPAID_TIMEOUT: `${UNPAID_MS}ms`,
    });
    shop = resources.add(await Shop.start(settings, false), (it) => it.close());
    books = resources.add(await openBooks(shop.settings.databaseUrl ?? ''), (it) => it.destroy());
  });

  async function request<T>(url: string, body?: unknown): Promise<Answer<T>> {
    const headers = { 'content-type': 'application/json' };
    const options = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    return (await (await fetch(url, options)).json()) as Answer<T>;
  }

  const place = (more: object = {}): Promise<Answer<{ orderId: string; payAmount: string }>> =>
    request(`${shop.url}/order-web/order/confirm`, { ...ORDER, ...more });
  const orderOf = async (orderId: string): Promise<Order | undefined> =>
    (await request<Order>(`${shop.url}/order-web/orders/${orderId}`)).data;
  const userOf = async (): Promise<UserDetail | undefined> =>
    (await request<UserDetail>(`${shop.url}/order-web/users/${ADA}`)).data;
  const timelineOf = async (orderId: string): Promise<TimelineEntry[]> =>
    (await request<TimelineEntry[]>(`${shop.url}/order-web/orders/${orderId}/timeline`)).data ?? [];
  const balanced = (): Promise<true> =>
    until('the books balance', async () => checkBooks(await readBooks(books)).length === 0);

  /** Orders, and begins to pay. */
  async function begin(): Promise<{ orderId: string; payId: string }> {
    const { data, code } = await place({ moneyPaid: '9.00' });
    if (!data) throw new Error(code);
    const begun = await request<{ payId: string }>(`${shop.payUrl}/pay-web/pay/createPayment`, data);
    return { orderId: data.orderId, payId: begun.data?.payId ?? '' };
  }

  const callback = (payId: string): Promise<Answer> =>
    request(`${shop.payUrl}/pay-web/pay/callbackPayment`, { payId, isPaid: PayStatus.PAID });

  describe('an order', () => {
    it('that is paid in time stays, and its payment counts once', async () => {
      const before = await userOf();
      const { orderId, payId } = await begin();
      const answers = await Promise.all(Array.from({ length: 5 }, () => callback(payId)));
      expect(answers.every(({ success }) => success)).toBe(true);
      await until('the order is paid', async () => (await orderOf(orderId))?.payStatus === PayStatus.PAID);
      await until('its time to pay is over', async () =>
        (await timelineOf(orderId)).some(({ tag, kind }) => tag === 'order_unpaid' && kind === 'consumed'),
      );
      await balanced();
      expect(await orderOf(orderId)).toMatchObject({ orderStatus: OrderStatus.CONFIRMED });
      expect((await userOf())?.userScore).toBe((before?.userScore ?? 0) + 120);
      const kinds = (await timelineOf(orderId)).map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['sent', 'half', 'committed', 'consumed']));
    });

    it('that is not paid is cancelled, and a payment that comes then is refunded', async () => {
      const before = await userOf();
      const { orderId, payId } = await begin();
      await until('the order is cancelled', async () => {
        return (await orderOf(orderId))?.orderStatus === OrderStatus.CANCELLED;
      });
      expect(await callback(payId)).toMatchObject({ success: true });
      await until('the payment is refunded', async () => {
        const { userMoney } = (await userOf()) ?? {};
        return Number(userMoney) === Number(before?.userMoney) + 120;
      });
      await balanced();
      expect((await userOf())?.userScore).toBe(before?.userScore);
    });

    it('that fails gives everything back', async () => {
      const before = await userOf();
      const { data } = await place({ moneyPaid: '5.00', couponId: '345988230098857986', failAt: 'confirm' });
      await balanced();
      expect((await orderOf(data?.orderId ?? ''))?.orderStatus).toBe(OrderStatus.CANCELLED);
      expect(await userOf()).toEqual(before);
    });
  });
});
