export { TestCluster, type DeliverOptions, type TestClusterOptions } from './test-cluster.ts';
export { TestClock } from './test-clock.ts';
export type { Delivered, DeliveryWanted, SentMessage } from './traffic.ts';
