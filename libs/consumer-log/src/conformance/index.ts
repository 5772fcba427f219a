export type { ConformanceCase } from './case.ts';
export { consumerLogStoreCases, type ConsumerLogStoreHarness } from './consumer-log-cases.ts';
export { outboxStoreCases, type OutboxStoreHarness } from './outbox-cases.ts';
