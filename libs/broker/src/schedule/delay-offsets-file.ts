import type { DataVersion } from '@nest-rocketmq/protocol';
import { dataVersionOf, integer, member, members } from '../config/json-fields.ts';

/** What `delayOffset.json` holds. */
export interface StoredDelayOffsets {
  offsets: Map<number, number>;
  dataVersion: DataVersion | undefined;
}

/** Reads the value of `delayOffset.json`; undefined when there is no file. Entries that are no offsets are left out. */
export function readDelayOffsets(value: unknown): StoredDelayOffsets | undefined {
  if (value === undefined) return undefined;
  const offsets = new Map<number, number>();
  for (const [key, entry] of members(member(value, 'offsetTable'))) {
    const level = Number(key);
    const offset = integer(entry, -1);
    if (Number.isInteger(level) && level > 0 && offset >= 0) offsets.set(level, offset);
  }
  return { offsets, dataVersion: dataVersionOf(member(value, 'dataVersion')) };
}

/** The value of `delayOffset.json`. */
export function writeDelayOffsets(offsets: ReadonlyMap<number, number>, dataVersion: DataVersion): unknown {
  return { dataVersion, offsetTable: offsets };
}
