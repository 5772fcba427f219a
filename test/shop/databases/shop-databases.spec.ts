import { describe, jest } from '@jest/globals';
import { mariadb, postgres } from '../../../libs/consumer-log/spec-support/servers.ts';
import { describeShop } from '../../../sample-shop/services/spec-support/shop-suite.ts';

jest.setTimeout(240_000);

// What sample-shop/services/src/shop.spec.ts sees on PGlite, on the databases that are installed here.
describe('the shop on a database server', () => {
  for (const kind of [mariadb, postgres]) describeShop(kind);
});
