import { describe, jest } from '@jest/globals';
import { mariadb, postgres } from '../../../libs/consumer-log/spec-support/servers.ts';
import { describePaySide } from '../spec-support/pay-side-suite.ts';

jest.setTimeout(60_000);

describe('paying in the shop on a database server', () => {
  describePaySide(mariadb);
  describePaySide(postgres);
});
