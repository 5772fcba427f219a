import { describe, jest } from '@jest/globals';
import { pglite } from '../../../libs/consumer-log/spec-support/databases.ts';
import { mariadb, postgres } from '../../../libs/consumer-log/spec-support/servers.ts';
import { describeShop } from '../spec-support/shop-suite.ts';

// 200 orders at once take their time where other suites keep the machine busy.
jest.setTimeout(60_000);

describe('the shop', () => {
  for (const kind of [pglite, mariadb, postgres]) describeShop(kind);
});
