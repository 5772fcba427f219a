import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatabaseKind } from '../../../libs/consumer-log/spec-support/databases.ts';
import { Group } from '@sample-shop/api';
import { describeAnswers } from './answers-suite.ts';
import { describeOrders } from './orders-suite.ts';
import { describePayments } from './payments-suite.ts';
import { TestShop } from './test-shop.ts';
import { describeTimeline } from './timeline-suite.ts';

const START_MS = 240_000;

/** Runs everything on a kind of database; skipped, with the reason in its name, where there is none. */
export function describeShop(kind: DatabaseKind): void {
  const describeKind = kind.missing === undefined ? describe : describe.skip;
  describeKind(
    kind.missing === undefined ? `on ${kind.name}` : `on ${kind.name} (not here: ${kind.missing})`,
    () => {
      let shop: TestShop;

      beforeAll(async () => {
        shop = await TestShop.start(kind);
      }, START_MS);
      afterAll(() => shop.close(), START_MS);

      const deadLetters = async (...groups: string[]) => {
        await shop.balanced();
        return (await Promise.all(groups.map((group) => shop.cluster.deadLetters(group)))).flat();
      };

      describeAnswers(() => shop);
      describeOrders(() => shop);
      it('has books that balance, and no dead letter of an order', async () => {
        expect(await deadLetters(Group.GOODS, Group.COUPON, Group.USER, Group.ORDER)).toEqual([]);
      });

      describePayments(() => shop);
      describeTimeline(() => shop);
      it('has books that balance, and no dead letter of a payment', async () => {
        expect(await deadLetters(Group.ORDER_PAID, Group.USER_PAID, Group.PAYMENT_LOG)).toEqual([]);
      });
    },
  );
}
