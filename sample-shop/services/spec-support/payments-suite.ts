import { describe, expect, it } from '@jest/globals';
import { ANSWERS, OrderStatus, PayStatus, type AnswerCode, type CreatedPayment } from '@sample-shop/api';
import { RocketMQTemplate, type MessageExt } from 'nest-rocketmq';
import { PaymentTransactions } from '../src/pay-service/payment-transactions.ts';
import { Payments } from '../src/pay-service/payments.ts';
import { toPaymentMade } from '../src/pay-service/pay.entities.ts';
import { ADA, ORDER, until, type Answered, type TestShop } from './test-shop.ts';

const NOBODY = '1';
const GROUPS = ['order-service-paid', 'user-service-paid', 'payment-log'] as const;

/** Paying: its answers, its one transaction, and what comes of it. */
export function describePayments(shop: () => TestShop): void {
  describe('the answers of the pay side', () => {
    const rows: [AnswerCode, string, () => Promise<Answered<unknown>>][] = [
      ['SUCCESS', 'a payment begins', async () => create(shop(), await order(shop()))],
      [
        'REQUEST_PARAMETER_INVALID',
        'an order id is no id',
        () => create(shop(), { orderId: 'x', payAmount: '1.00' }),
      ],
      [
        'REQUEST_PARAMETER_INVALID',
        'an amount is none',
        () => create(shop(), { orderId: NOBODY, payAmount: 'much' }),
      ],
      ['REQUEST_PARAMETER_INVALID', 'nothing is said', () => create(shop(), undefined)],
      ['REQUEST_PARAMETER_INVALID', 'the body is no JSON', () => create(shop(), '{"orderId"')],
      ['REQUEST_PARAMETER_INVALID', 'a callback says something else', () => callback(shop(), NOBODY, 3)],
      ['REQUEST_PARAMETER_INVALID', 'a callback says it as text', () => callback(shop(), NOBODY, '2')],
      [
        'REQUEST_PARAMETER_INVALID',
        'a callback is of an id with more than 64 bits',
        () => callback(shop(), '9'.repeat(19)),
      ],
      [
        'REQUEST_PARAMETER_INVALID',
        'a path has no id',
        () => shop().request('GET', '/pay-web/payments/first'),
      ],
      [
        'ORDER_NOT_FOUND',
        'an order is not there',
        () => create(shop(), { orderId: NOBODY, payAmount: '1.00' }),
      ],
      ['ORDER_INVALID', 'an order was cancelled', async () => create(shop(), await cancelledOrder(shop()))],
      [
        'ORDER_AMOUNT_INVALID',
        'a cent is missing',
        async () => create(shop(), { ...(await order(shop())), payAmount: '128.99' }),
      ],
      ['ALREADY_PAID', 'an order is paid', async () => create(shop(), (await paidOrder(shop())).order)],
      [
        'PAYMENT_NOT_FOUND',
        'a payment is not there',
        () => shop().request('GET', `/pay-web/payments/${NOBODY}`),
      ],
      ['PAYMENT_NOT_FOUND', 'a callback is of no payment', () => callback(shop(), NOBODY)],
      [
        'NOT_PAID',
        'a callback says that it was not paid',
        async () => callback(shop(), await payment(shop()), 0),
      ],
      [
        'NOT_PAID',
        'a callback says that it is being paid',
        async () => callback(shop(), await payment(shop()), 1),
      ],
      [
        'PAYMENT_CREATE_FAILED',
        'the payments are gone',
        async () => {
          const begun = await order(shop());
          return withoutPayments(shop(), () => create(shop(), begun));
        },
      ],
      ['FAIL', 'what is asked for is gone', () => withoutPayments(shop(), () => callback(shop(), NOBODY))],
      [
        'SEND_FAILED',
        'the payment can not be noted',
        async () => {
          const payId = await payment(shop());
          return withoutOutbox(shop(), () => callback(shop(), payId));
        },
      ],
    ];

    it.each(rows)('%s when %s', async (code, _when, ask) => {
      const { status, ...answer } = await ask();
      expect(answer).toMatchObject({ code, success: code === 'SUCCESS', message: expect.any(String) });
      expect(status).toBe(ANSWERS[code].status);
    });
  });

  describe('a payment', () => {
    it('is one for an order, however often and at once it is begun', async () => {
      const begun = await order(shop());
      const answers = await Promise.all(Array.from({ length: 10 }, () => create(shop(), begun)));
      expect(answers.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 'SUCCESS'));
      expect(new Set(answers.map(({ data }) => data?.payId)).size).toBe(1);
    });

    it('that is told of 20 times at once is applied once', async () => {
      const before = await shop().user(ADA);
      const { orderId, payAmount } = await order(shop(), { moneyPaid: '0.50' });
      const payId = await payment(shop(), { orderId, payAmount });
      expect(payAmount).toBe('128.50');
      const answers = await Promise.all(Array.from({ length: 20 }, () => callback(shop(), payId)));
      expect(answers.every(({ success }) => success)).toBe(true);
      await applied(shop(), payId);
      expect(await callback(shop(), payId)).toMatchObject({ success: true });
      expect(await shop().request('GET', `/pay-web/payments/${payId}`)).toMatchObject({
        data: { payId, orderId, payAmount: '128.50', isPaid: PayStatus.PAID },
      });
      expect(await shop().order(orderId)).toMatchObject({
        payStatus: PayStatus.PAID,
        payTime: expect.any(String),
      });
      expect((await shop().user(ADA)).userScore).toBe(before.userScore + 128);
      expect(await logged(shop(), payId)).toEqual([{ amount: '128.50' }]);
      const messages = await shop().cluster.messages('payTopic:paid');
      expect(messages.filter(({ keys }) => keys.includes(payId))).toHaveLength(1);
      await shop().balanced();
    });

    it('for an order that is cancelled meanwhile goes to the balance, once', async () => {
      const { orderId, payAmount } = await order(shop());
      const payId = await payment(shop(), { orderId, payAmount });
      await unpaidTimeIsOver(shop(), orderId);
      const before = await shop().user(ADA);
      const answers = await Promise.all(Array.from({ length: 5 }, () => callback(shop(), payId)));
      expect(answers.every(({ success }) => success)).toBe(true);
      await shop().balanced();
      // As a broker may deliver it once more.
      const made = { payId, orderId, userId: ADA, payAmount };
      await shop().cluster.deliver('payTopic:paid', made, { keys: payId, group: 'order-service-paid' });
      await shop().balanced();
      const after = await shop().user(ADA);
      expect(Number(after.userMoney)).toBe(Number(before.userMoney) + 129);
      expect(after.userScore).toBe(before.userScore);
      expect(await shop().order(orderId)).toMatchObject({
        orderStatus: OrderStatus.CANCELLED,
        payStatus: PayStatus.UNPAID,
      });
    });

    it('and the end of the time to pay at the same moment: the order is paid, or the payment refunded', async () => {
      const orders = await Promise.all(Array.from({ length: 8 }, () => order(shop())));
      const payIds = await Promise.all(orders.map((each) => payment(shop(), each)));
      await shop().balanced();
      const before = Number((await shop().user(ADA)).userMoney);
      await Promise.all([shop().cluster.advance('31m'), ...payIds.map((payId) => callback(shop(), payId))]);
      await until(async () => {
        const consumed = shop()
          .cluster.deliveries('order-service')
          .filter(({ outcome }) => outcome === 'consumed');
        return orders.every(({ orderId }) =>
          consumed.some(({ message }) => message.tags === 'order_unpaid' && message.keys.includes(orderId)),
        );
      });
      await Promise.all(payIds.map((payId) => applied(shop(), payId)));
      const ended = await Promise.all(orders.map(({ orderId }) => shop().order(orderId)));
      const cancelled = ended.filter((each) => each?.orderStatus === OrderStatus.CANCELLED);
      const paid = ended.filter((each) => each?.payStatus === PayStatus.PAID);
      expect(cancelled.length + paid.length).toBe(orders.length);
      await shop().balanced();
      expect(Number((await shop().user(ADA)).userMoney)).toBe(before + 129 * cancelled.length);
    });
  });

  describe('a pay service that is killed', () => {
    /** What the broker has when the process ended after the half message, and after `work`. */
    const killedAfter = async (payId: string, work: () => Promise<unknown>): Promise<void> => {
      const made = toPaymentMade(await shop().get('pay-service', Payments).find(payId));
      const execute = async () => {
        await work();
        return 'UNKNOWN' as const;
      };
      const template = shop().get('pay-service', RocketMQTemplate);
      await template.sendMessageInTransaction('payTopic:paid', made, { keys: payId, execute });
    };
    const transactions = (): PaymentTransactions => shop().get('pay-service', PaymentTransactions);
    const asked = (payId: string, age: number): MessageExt =>
      ({
        topic: 'payTopic',
        keys: [payId],
        body: Buffer.from('{}'),
        bornTimestamp: Date.now() - age,
        msgId: 'asked',
      }) as unknown as MessageExt;

    it('after it has marked the payment: the broker asks, and everybody hears of it', async () => {
      const payId = await payment(shop());
      const made = toPaymentMade(await shop().get('pay-service', Payments).find(payId));
      await killedAfter(payId, () =>
        transactions().executeLocalTransaction(
          { topic: 'payTopic', body: Buffer.from('{}'), transactionId: 'killed' },
          { payment: made, since: Date.now() },
        ),
      );
      await shop().cluster.advance('37s');
      await applied(shop(), payId);
      await shop().balanced();
      expect(await logged(shop(), payId)).toHaveLength(1);
    });

    it('before that: nobody hears of it until the callback comes again', async () => {
      const payId = await payment(shop());
      await killedAfter(payId, async () => undefined);
      await shop().cluster.advance('37s');
      expect(await shop().request('GET', `/pay-web/payments/${payId}`)).toMatchObject({
        data: { isPaid: PayStatus.UNPAID },
      });
      expect(await transactions().checkLocalTransaction(asked(payId, 5_000))).toBe('UNKNOWN');
      expect(await transactions().checkLocalTransaction(asked(payId, 60_000))).toBe('ROLLBACK');
      const messages = await shop().cluster.messages('payTopic:paid');
      expect(messages.filter(({ keys }) => keys.includes(payId))).toEqual([]);
      expect(await callback(shop(), payId)).toMatchObject({ success: true });
      await applied(shop(), payId);
      await shop().balanced();
    });

    it('never marks a payment whose message was given up', async () => {
      const payId = await payment(shop());
      const made = toPaymentMade(await shop().get('pay-service', Payments).find(payId));
      const message = { topic: 'payTopic', body: Buffer.from('{}'), transactionId: 'late' };
      const late = { payment: made, since: Date.now() - 20_000 };
      await expect(transactions().executeLocalTransaction(message, late)).rejects.toThrow(
        'not marked in time',
      );
      expect(await shop().request('GET', `/pay-web/payments/${payId}`)).toMatchObject({
        data: { isPaid: PayStatus.UNPAID },
      });
    });
  });
}

interface ToPay {
  readonly orderId: string;
  readonly payAmount: string;
}

const order = (shop: TestShop, more: object = {}): Promise<ToPay> => shop.placed({ ...ORDER, ...more });

const create = (shop: TestShop, body: unknown): Promise<Answered<CreatedPayment>> =>
  shop.request('POST', '/pay-web/pay/createPayment', body);

const callback = (
  shop: TestShop,
  payId: string,
  isPaid: unknown = PayStatus.PAID,
): Promise<Answered<unknown>> => shop.request('POST', '/pay-web/pay/callbackPayment', { payId, isPaid });

/** Begins a payment that has to begin. @returns its id */
async function payment(shop: TestShop, begun?: ToPay): Promise<string> {
  const { data, code } = await create(shop, begun ?? (await order(shop)));
  if (!data) throw new Error(code);
  return data.payId;
}

async function paidOrder(shop: TestShop): Promise<{ order: ToPay; payId: string }> {
  const placed = await order(shop);
  const payId = await payment(shop, placed);
  await callback(shop, payId);
  return { order: placed, payId };
}

async function cancelledOrder(shop: TestShop): Promise<ToPay> {
  const { data } = await shop.place({ ...ORDER, failAt: 'confirm' });
  return { orderId: data?.orderId ?? '', payAmount: '129.00' };
}

/** Waits until everybody has consumed the message of a payment. */
async function applied({ cluster }: TestShop, payId: string): Promise<void> {
  await until(async () =>
    GROUPS.every((group) =>
      cluster
        .deliveries(group)
        .some(({ message, outcome }) => outcome === 'consumed' && message.keys.includes(payId)),
    ),
  );
}

/** Lets the time to pay pass; everything that is not paid by then is cancelled. */
async function unpaidTimeIsOver(shop: TestShop, orderId: string): Promise<void> {
  await shop.balanced();
  await shop.cluster.advance('31m');
  await until(async () => (await shop.order(orderId))?.orderStatus === OrderStatus.CANCELLED);
}

const logged = ({ database }: TestShop, payId: string): Promise<unknown> =>
  database.dataSource.query(
    `SELECT pay_amount AS amount FROM shop_pay.trade_pay_log WHERE pay_id = ${payId}`,
  );

const withoutPayments = <T>(shop: TestShop, work: () => Promise<T>): Promise<T> =>
  withoutTable(shop, 'trade_pay', work);
const withoutOutbox = <T>(shop: TestShop, work: () => Promise<T>): Promise<T> =>
  withoutTable(shop, 'trade_mq_producer_temp', work);

/** Takes a table of the pay service away for a while. */
async function withoutTable<T>({ database }: TestShop, name: string, work: () => Promise<T>): Promise<T> {
  const { dataSource } = database;
  const qualify = (table: string): string =>
    dataSource.options.type === 'postgres' ? table : `shop_pay.${table}`;
  await dataSource.query(`ALTER TABLE shop_pay.${name} RENAME TO ${qualify('away')}`);
  try {
    return await work();
  } finally {
    await dataSource.query(`ALTER TABLE shop_pay.away RENAME TO ${qualify(name)}`);
  }
}
