import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/simulation', '<rootDir>/test/fuzz'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 900_000,
};
