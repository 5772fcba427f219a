import { jest } from '@jest/globals';

// A JVM that starves on a busy machine misses its own time-outs. One more try, and the first failure stays in the output.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
