import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatabaseKind } from '../../../libs/consumer-log/spec-support/databases.ts';
import { describePayments } from './payments-suite.ts';
import { TestShop } from './test-shop.ts';
import { describeTimeline } from './timeline-suite.ts';

const START_MS = 60_000;

/** Runs what is about paying and timelines on a kind of database; skipped, with the reason in its name, where there is none. */
export function describePaySide(kind: DatabaseKind): void {
  const describeKind = kind.missing === undefined ? describe : describe.skip;
  const name = kind.missing === undefined ? `on ${kind.name}` : `on ${kind.name} (not here: ${kind.missing})`;
  describeKind(name, () => {
    let shop: TestShop;

    beforeAll(async () => {
      shop = await TestShop.start(kind);
    }, START_MS);
    afterAll(() => shop.close(), START_MS);

    describePayments(() => shop);
    describeTimeline(() => shop);

    it('leaves books that balance, and no dead letter of a payment', async () => {
      await shop.balanced();
      for (const group of ['order-service-paid', 'user-service-paid', 'payment-log'])
        expect(await shop.cluster.deadLetters(group)).toEqual([]);
    });
  });
}
