import { describe, expect, it } from '@jest/globals';
import type { CreatedPayment, TimelineEntry } from '@sample-shop/api';
import { ORDER, until, type TestShop } from './test-shop.ts';

/** What an order's timeline shows. */
export function describeTimeline(shop: () => TestShop): void {
  const timeline = async (orderId: string): Promise<TimelineEntry[]> =>
    (await shop().request<TimelineEntry[]>('GET', `/order-web/orders/${orderId}/timeline`)).data ?? [];
  /** The same, once it has something. */
  const timelineWith = async (orderId: string, condition: (entries: TimelineEntry[]) => boolean) => {
    await until(async () => condition(await timeline(orderId)));
    return timeline(orderId);
  };
  const has = (kind: string, group: string) => (entries: TimelineEntry[]) =>
    entries.some((entry) => entry.kind === kind && entry.group === group);

  describe('the timeline', () => {
    it('of an order that is paid: from sent to consumed, oldest first', async () => {
      const { orderId, payAmount } = await shop().placed(ORDER);
      const begun = await shop().request<CreatedPayment>('POST', '/pay-web/pay/createPayment', {
        orderId,
        payAmount,
      });
      const payId = begun.data?.payId;
      await shop().request('POST', '/pay-web/pay/callbackPayment', { payId, isPaid: 2 });
      const groups = ['order-service-paid', 'user-service-paid', 'payment-log'];
      const entries = await timelineWith(orderId, (all) =>
        groups.every((group) => has('consumed', group)(all)),
      );

      const paid = entries.filter(({ tag }) => tag === 'paid');
      expect(paid.slice(0, 2).map(({ kind }) => kind)).toEqual(['half', 'committed']);
      expect(
        paid
          .slice(2)
          .map(({ kind, group }) => `${kind} by ${group}`)
          .toSorted(),
      ).toEqual(groups.map((group) => `consumed by ${group}`).toSorted());
      expect(new Set(paid.map(({ msgId }) => msgId)).size).toBe(1);
      expect(paid[0]).toEqual({
        topic: 'payTopic',
        tag: 'paid',
        key: payId,
        msgId: expect.stringMatching(/^[0-9A-F]{32}$/),
        kind: 'half',
        group: 'pay-service',
        attempt: 1,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      const sent = entries
        .filter(({ kind }) => kind === 'sent')
        .map(({ tag, key, group }) => `${tag} ${key} ${group}`);
      expect(sent.toSorted()).toEqual([
        `order_confirm ${orderId} order-service`,
        `order_unpaid ${orderId} order-service`,
      ]);
      const times = entries.map(({ time }) => time);
      expect(times).toEqual(times.toSorted());
    });

    it('of an order that fails: its cancel, and who consumed it', async () => {
      const { data } = await shop().place({ ...ORDER, failAt: 'confirm' });
      const groups = ['goods-service', 'coupon-service', 'user-service', 'order-service'];
      const entries = await timelineWith(data?.orderId ?? '', (all) =>
        groups.every((group) => has('consumed', group)(all)),
      );
      expect(entries[0]).toMatchObject({ kind: 'sent', tag: 'order_cancel', group: 'order-service' });
      expect(entries).toHaveLength(5);
    });

    it('has every retry, and the end as a dead letter', async () => {
      const { orderId } = await shop().placed(ORDER);
      // To a user that is not there, as only a mistake could.
      const refund = { orderId, payId: orderId, userId: '1', payAmount: '1.00' };
      const options = { keys: `dead-${orderId}`, group: 'user-service', toTheEnd: true };
      expect(await shop().cluster.deliver('orderTopic:order_refund', refund, options)).toMatchObject({
        outcome: 'dead-letter',
      });
      const entries = await timelineWith(orderId, has('dead', 'user-service'));
      const ends = entries.filter(({ tag }) => tag === 'order_refund');
      expect(ends.map(({ kind, attempt }) => [kind, attempt])).toEqual([
        ['retried', 1],
        ['retried', 2],
        ['retried', 3],
        ['dead', 4],
      ]);
      expect(new Set(ends.map(({ topic }) => topic))).toEqual(new Set(['orderTopic']));
      // Away with it, for the books.
      await shop().database.dataSource.query(
        `DELETE FROM shop_user.trade_mq_consumer_log WHERE msg_key = 'dead-${orderId}'`,
      );
    });

    it('is there when the shop starts again', async () => {
      const { orderId } = await shop().placed(ORDER);
      await shop().restart();
      const entries = await timelineWith(orderId, (all) => all.length >= 2);
      expect(entries.map(({ kind }) => kind)).toEqual(['sent', 'sent']);
    });

    it('is not in the way of business while nobody can write it', async () => {
      const { database } = shop();
      const away = database.dataSource.options.type === 'postgres' ? 'away' : 'shop_timeline.away';
      await database.dataSource.query(`ALTER TABLE shop_timeline.trade_mq_timeline RENAME TO ${away}`);
      const { orderId } = await shop().placed(ORDER);
      await shop().balanced();
      const back = database.dataSource.options.type === 'postgres' ? '' : 'shop_timeline.';
      await database.dataSource.query(`ALTER TABLE shop_timeline.away RENAME TO ${back}trade_mq_timeline`);
      expect(await timelineWith(orderId, (all) => all.length >= 2)).toHaveLength(2);
    });

    it('of an order that is not there is not there', async () => {
      expect(await shop().request('GET', '/order-web/orders/1/timeline')).toMatchObject({
        status: 404,
        code: 'ORDER_NOT_FOUND',
      });
    });
  });
}
