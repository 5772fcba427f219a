import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  FAIL_AT,
  IdSource,
  OrderStatus,
  PayStatus,
  type CouponApi,
  type GoodsApi,
  type Order,
  type UserApi,
} from '@sample-shop/api';
import { ForgottenOrdersSweep } from '../src/order-service/forgotten-orders.sweep.ts';
import { ADA, COUPONS, GRACE, KEYBOARD, LAMP, ORDER, TELESCOPE, until, type TestShop } from './test-shop.ts';

const ids = new IdSource(1023);

/** What orders do to stock, coupons, balances and scores. */
export function describeOrders(shop: () => TestShop): void {
  describe('an order', () => {
    beforeAll(() => cancelAllUnpaid(shop()));

    it('takes stock, coupon and balance, and leaves the rest to pay', async () => {
      const before = await state(shop());
      const { orderId, payAmount } = await shop().placed({ ...ORDER, couponId: COUPONS[0], moneyPaid: 30 });
      expect(payAmount).toBe('79.00');
      expect(await shop().order(orderId)).toMatchObject({
        orderStatus: OrderStatus.CONFIRMED,
        payStatus: PayStatus.UNPAID,
        goodsAmount: '129.00',
        shippingFee: '0.00',
        couponPaid: '20.00',
        moneyPaid: '30.00',
        payAmount: '79.00',
        confirmTime: expect.any(String),
      });
      const after = await state(shop());
      expect(after).toEqual({
        ...before,
        stock: before.stock - 1,
        money: before.money - 30,
        coupons: [1, 0],
      });
      await shop().balanced();
      await cancelUnpaid(shop(), orderId);
      expect(await state(shop())).toEqual(before);
    });

    it('of all that is in stock is valid', async () => {
      const order = {
        ...ORDER,
        goodsId: TELESCOPE,
        goodsNumber: 10,
        goodsPrice: 1999.9,
        orderAmount: '19999.00',
      };
      const { orderId, payAmount } = await shop().placed(order);
      expect(payAmount).toBe('19999.00');
      expect(await shop().stockOf(TELESCOPE)).toBe(0);
      await cancelUnpaid(shop(), orderId);
      expect(await shop().stockOf(TELESCOPE)).toBe(10);
    });

    it('that leaves nothing to pay is paid, and takes no more balance than it needs', async () => {
      const lamp = { goodsId: LAMP, goodsPrice: '45.50', shippingFee: 10, orderAmount: 55.5 };
      const before = await state(shop());
      const { data } = await shop().place({ ...ORDER, ...lamp, couponId: COUPONS[1], moneyPaid: '100.00' });
      expect(data?.payAmount).toBe('0.00');
      expect(await shop().order(data?.orderId ?? '')).toMatchObject({
        payStatus: PayStatus.PAID,
        couponPaid: '50.00',
        moneyPaid: '5.50',
      });
      expect((await state(shop())).money).toBeCloseTo(before.money - 5.5);
      await shop().cluster.advance('31m');
      await shop().balanced();
      expect(await shop().order(data?.orderId ?? '')).toMatchObject({ orderStatus: OrderStatus.CONFIRMED });
    });

    it.each(FAIL_AT)('that fails at %s gives everything back', async (failAt) => {
      const before = await state(shop());
      const { data, success } = await shop().place({
        ...ORDER,
        couponId: COUPONS[0],
        moneyPaid: '12.34',
        failAt,
      });
      expect(success).toBe(false);
      await shop().balanced();
      expect(await state(shop())).toEqual(before);
      expect(await shop().order(data?.orderId ?? '')).toMatchObject({ orderStatus: OrderStatus.CANCELLED });
    });

    it('is cancelled once, however often the message comes', async () => {
      const before = await state(shop());
      const { data } = await shop().place({ ...ORDER, moneyPaid: '1.00', failAt: 'confirm' });
      await shop().balanced();
      const again = { topic: 'orderTopic', body: { orderId: data?.orderId } };
      expect(await shop().request('POST', '/order-web/messages', again)).toMatchObject({ success: true });
      const sent = async () =>
        (await shop().cluster.messages('orderTopic:order_cancel')).filter(({ keys }) =>
          keys.includes(data?.orderId ?? ''),
        );
      await until(async () => (await sent()).length === 2);
      await until(
        async () =>
          shop()
            .cluster.deliveries('goods-service')
            .filter(({ message }) => message.keys.includes(data?.orderId ?? '')).length >= 2,
      );
      await shop().balanced();
      expect(await state(shop())).toEqual(before);
    });

    it('that nobody confirmed is found and cancelled', async () => {
      const orderId = ids.next();
      const before = await state(shop());
      await halfAnOrder(shop(), orderId);
      await rpc<GoodsApi>(shop(), 'goods-service').take({ orderId, goodsId: KEYBOARD, goodsNumber: 2 });
      await rpc<UserApi>(shop(), 'user-service').takeBalance({ orderId, userId: ADA, useMoney: '3.00' });
      expect((await shop().request('GET', `/order-web/orders/${orderId}`)).code).toBe('ORDER_NOT_FOUND');
      expect(await shop().get('order-service', ForgottenOrdersSweep).sweep()).toBe(1);
      await shop().balanced();
      expect(await state(shop())).toEqual(before);
    });
  });

  describe('what comes after the cancel of its order is refused:', () => {
    const cancelled = async (): Promise<string> => {
      const orderId = ids.next();
      const order = {
        orderId,
        goodsId: KEYBOARD,
        goodsNumber: 1,
        userId: ADA,
        couponId: COUPONS[0],
        moneyPaid: '5.00',
      };
      for (const group of ['goods-service', 'coupon-service', 'user-service'])
        await shop().cluster.deliver('orderTopic:order_cancel', order, { keys: orderId, group });
      return orderId;
    };

    it('stock, coupon and balance', async () => {
      const before = await state(shop());
      const orderId = await cancelled();
      await expect(
        rpc<GoodsApi>(shop(), 'goods-service').take({ orderId, goodsId: KEYBOARD, goodsNumber: 1 }),
      ).rejects.toMatchObject({ code: 'REDUCE_STOCK_FAILED' });
      await expect(
        rpc<CouponApi>(shop(), 'coupon-service').use({ orderId, couponId: COUPONS[0], userId: ADA }),
      ).rejects.toMatchObject({ code: 'COUPON_USE_FAILED' });
      await expect(
        rpc<UserApi>(shop(), 'user-service').takeBalance({ orderId, userId: ADA, useMoney: '5.00' }),
      ).rejects.toMatchObject({ code: 'BALANCE_REDUCE_FAILED' });
      expect(await state(shop())).toEqual(before);
      await shop().balanced();
    });
  });

  describe('a payment', () => {
    it('makes its order paid and counts full units, once', async () => {
      const { orderId } = await shop().placed({ ...ORDER, moneyPaid: '0.10' });
      const score = (await shop().user(ADA)).userScore;
      const payment = await pay(shop(), orderId, '128.90');
      await pay(shop(), orderId, '128.90', payment);
      await shop().balanced();
      expect((await shop().user(ADA)).userScore).toBe(score + 128);
      expect(await shop().order(orderId)).toMatchObject({ payStatus: PayStatus.PAID });
      await shop().cluster.advance('31m');
      await shop().balanced();
      expect(await shop().order(orderId)).toMatchObject({ orderStatus: OrderStatus.CONFIRMED });
    });

    it('of an order that was cancelled goes to the balance, once', async () => {
      const before = await state(shop());
      const { orderId } = await shop().placed({ ...ORDER, moneyPaid: '9.00' });
      await cancelUnpaid(shop(), orderId);
      const payment = await pay(shop(), orderId, '120.00');
      await pay(shop(), orderId, '120.00', payment);
      await shop().balanced();
      expect(await state(shop())).toEqual({ ...before, money: before.money + 120 });
      expect((await shop().order(orderId))?.payStatus).toBe(PayStatus.UNPAID);
    });
  });

  describe('200 orders at the same time for 50 lamps', () => {
    it('sell exactly what there is, and everything else is given back', async () => {
      const money = Number((await shop().user(GRACE)).userMoney);
      const stock = (await shop().stockOf(LAMP)) ?? 0;
      const order = {
        ...ORDER,
        userId: GRACE,
        goodsId: LAMP,
        goodsPrice: '45.50',
        shippingFee: '10.00',
        orderAmount: '55.50',
        moneyPaid: '1.00',
      };
      const answers = await Promise.all(Array.from({ length: 200 }, () => shop().place(order)));
      const sold = answers.filter(({ success }) => success);
      expect(sold).toHaveLength(stock);
      expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['SUCCESS', 'STOCK_NOT_ENOUGH']));
      await shop().balanced();
      expect(await shop().stockOf(LAMP)).toBe(0);
      expect(Number((await shop().user(GRACE)).userMoney)).toBe(money - stock);
    });
  });
}

/** What an order may change. */
async function state(shop: TestShop) {
  const [{ userMoney, userScore, coupons }, stock] = await Promise.all([
    shop.user(ADA),
    shop.stockOf(KEYBOARD),
  ]);
  return {
    stock: stock ?? 0,
    money: Number(userMoney),
    score: userScore,
    coupons: coupons.map(({ isUsed }) => isUsed),
  };
}

/** Lets the time to pay pass. */
async function cancelUnpaid(shop: TestShop, orderId: string | undefined): Promise<void> {
  await shop.balanced();
  await shop.cluster.advance('31m');
  await until(async () => (await shop.order(orderId ?? ''))?.orderStatus === OrderStatus.CANCELLED);
  await shop.balanced();
}

/** The same for every order that was placed so far. */
async function cancelAllUnpaid(shop: TestShop): Promise<void> {
  await shop.balanced();
  await shop.cluster.advance('31m');
  await until(async () => {
    const { data = [] } = await shop.request<Order[]>('GET', '/order-web/orders');
    return data.every(({ orderStatus }) => orderStatus !== OrderStatus.CONFIRMED);
  });
  await shop.balanced();
}

/** A payment as the pay service makes it: its row, and its message. */
async function pay(shop: TestShop, orderId: string, payAmount: string, again?: string): Promise<string> {
  const payId = again ?? ids.next();
  const order = await shop.order(orderId);
  if (again === undefined)
    await shop.database.dataSource.query(
      `INSERT INTO shop_pay.trade_pay (pay_id, order_id, user_id, pay_amount, is_paid) VALUES (${payId}, ${orderId}, ${order?.userId}, ${payAmount}, 2)`,
    );
  const payment = { payId, orderId, userId: order?.userId, payAmount };
  const seen = (group: string): number =>
    shop.cluster.deliveries(group).filter(({ message }) => message.keys.includes(payId)).length;
  const before = seen('user-service-paid');
  await shop.cluster.deliver('payTopic:paid', payment, { keys: payId, group: 'order-service-paid' });
  await until(async () => seen('user-service-paid') > before);
  return payId;
}

/** An order whose placing ended after it was saved. */
async function halfAnOrder(shop: TestShop, orderId: string): Promise<void> {
  await shop.database.dataSource.query(
    'INSERT INTO shop_order.trade_order (order_id, user_id, order_status, pay_status, shipping_status, address, consignee, goods_id, ' +
      'goods_number, goods_price, goods_amount, shipping_fee, order_amount, coupon_id, coupon_paid, money_paid, pay_amount, add_time) ' +
      `VALUES (${orderId}, ${ADA}, 0, 0, 0, 'x', 'x', ${KEYBOARD}, 2, 129, 258, 0, 258, NULL, 0, 3, 255, 1)`,
  );
}

/** A service, as the order service calls it. */
function rpc<Api>(shop: TestShop, service: string): Api {
  return shop.shop.part('order-service').app.get<Api>(`rpc:${service}`, { strict: false });
}
