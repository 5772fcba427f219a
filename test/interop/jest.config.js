/** @type {import('jest').Config} */
export default {
  rootDir: '../..',
  testEnvironment: 'node',
  // Our own packages resolve to their TypeScript sources, so a suite tests what is on disk and not the last build.
  testEnvironmentOptions: { customExportConditions: ['@nest-rocketmq/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/test/interop'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  // The control runs the table of cases on Apache's own servers: asked for by name, when the table changes.
  testPathIgnorePatterns: process.env['INTEROP_CONTROL'] === '1' ? [] : ['/control\\.spec\\.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/interop/retry.js'],
  // Suites wait for their peers most of the time.
  maxWorkers: 2,
  // Several waits of up to two minutes each (see harness/until.ts), on a machine that is busy with everything else.
  testTimeout: 400_000,
};
