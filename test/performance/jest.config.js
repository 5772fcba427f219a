import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/performance'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 3_600_000,
};
