import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/packages'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Packages are installed from the registry.
  testTimeout: 300_000,
};
