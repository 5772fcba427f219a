import type { DataVersion } from '@nest-rocketmq/protocol';

/** The version of a table that never changed. `now` in milliseconds. */
export function newDataVersion(now: number): DataVersion {
  return { stateVersion: 0, timestamp: now, counter: 0 };
}

/** The version after one more change (DataVersion.nextVersion). `now` in milliseconds. */
export function nextVersion(version: DataVersion, now: number): DataVersion {
  return { stateVersion: version.stateVersion, timestamp: now, counter: version.counter + 1 };
}
