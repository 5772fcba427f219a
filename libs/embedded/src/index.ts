export { EmbeddedCluster, type EmbeddedClusterOptions } from './embedded-cluster.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
