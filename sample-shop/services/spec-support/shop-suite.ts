import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatabaseKind } from '../../../libs/consumer-log/spec-support/databases.ts';
import { describeAnswers } from './answers-suite.ts';
import { describeOrders } from './orders-suite.ts';
import { TestShop } from './test-shop.ts';

const START_MS = 60_000;

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

      describeAnswers(() => shop);
      describeOrders(() => shop);

      it('leaves books that balance, and no dead letter', async () => {
        await shop.balanced();
        for (const group of ['goods-service', 'coupon-service', 'user-service', 'order-service'])
          expect(await shop.cluster.deadLetters(group)).toEqual([]);
      });
    },
  );
}
