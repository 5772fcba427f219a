import { describe, jest } from '@jest/globals';
import { pglite } from '../../../libs/consumer-log/spec-support/databases.ts';
import { describeShop } from '../spec-support/shop-suite.ts';

// 200 orders at once take their time where other suites keep the machine busy.
jest.setTimeout(60_000);

describe('the shop', () => {
  describeShop(pglite);
});
