import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/shop'],
  testPathIgnorePatterns: ['/node_modules/'],
  // A browser, a shop and its database on a machine that is busy with everything else.
  testTimeout: 240_000,
};
