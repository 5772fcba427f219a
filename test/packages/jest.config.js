import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/packages'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/packages/pack.js',
  globalTeardown: '<rootDir>/test/packages/remove.js',
  // One for each suite: they start programs and wait for them.
  maxWorkers: 3,
  // Packages are installed from the registry, on a machine that is busy with everything else.
  testTimeout: 600_000,
};
