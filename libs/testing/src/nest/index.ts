export { TestApplication, type TestApplicationOptions } from './test-application.ts';
