import { describe, jest } from '@jest/globals';
import { pglite } from '../../../libs/consumer-log/spec-support/databases.ts';
import { describePaySide } from '../spec-support/pay-side-suite.ts';

jest.setTimeout(60_000);

describe('paying in the shop', () => {
  describePaySide(pglite);
});
