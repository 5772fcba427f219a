import { describe, jest } from '@jest/globals';
import { mariadb, postgres } from '../../../libs/consumer-log/spec-support/servers.ts';
import { describeShop } from '../spec-support/shop-suite.ts';

jest.setTimeout(60_000);

describe('the shop on a database server', () => {
  describeShop(mariadb);
  describeShop(postgres);
});
