/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Our own packages resolve to their TypeScript sources, so tests need no build.
  testEnvironmentOptions: { customExportConditions: ['@nest-rocketmq/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/samples', '<rootDir>/sample-shop', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // Suites that wait leave the machine to others.
  maxWorkers: '100%',
  // For what goes over sockets and disks while other suites keep the machine busy.
  testTimeout: 20_000,
  testPathIgnorePatterns: [
    '/node_modules/',
    '/test/(interop|chaos|simulation|fuzz|performance|packages|shop)/',
  ],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  coverageProvider: 'v8',
  collectCoverageFrom: ['{libs,apps,samples,sample-shop}/*/src/**/*.ts', '!**/*.spec.ts'],
  workerIdleMemoryLimit: '512MB',
};
