import { authKeys, brokerKeys, remotingKeys, threadsKeys } from './accepted-broker-keys.ts';
import { liteKeys, metricsKeys, popKeys, replicationKeys } from './accepted-feature-keys.ts';
import { enginesKeys, storeKeys } from './accepted-store-keys.ts';

/**
 * The keys of Java's configuration classes, 4.9 to 5.5, that mean nothing here, with Java's defaults (those that depend on
 * the number of processors: for two). They are accepted, so that a file written for a Java broker can be used, and
 * checked for their type alone.
 */
export const acceptedKeys = {
  ...threadsKeys,
  ...remotingKeys,
  ...brokerKeys,
  ...storeKeys,
  ...enginesKeys,
  ...popKeys,
  ...metricsKeys,
  ...liteKeys,
  ...replicationKeys,
  ...authKeys,
};
