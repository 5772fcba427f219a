export { TestCluster, type TestClusterOptions } from './test-cluster.ts';
export { TestClock } from './test-clock.ts';
