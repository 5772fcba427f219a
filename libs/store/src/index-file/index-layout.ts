/** IndexHeader: begin and end timestamp, begin and end physical offset, used slots, entries. */
export const INDEX_HEADER_SIZE = 40;
export const HASH_SLOT_SIZE = 4;
/** Key hash 4, physical offset 8, seconds since the file's begin 4, the previous entry of the same slot 4. */
export const INDEX_SIZE = 20;
const MAX_INT = 0x7fffffff;

/** Java's `Math.abs(hash)`, 0 for the one value that has none (IndexFile.indexKeyHashMethod). */
export function keyHashOf(hash: number): number {
  const positive = Math.abs(hash);
  return positive > MAX_INT ? 0 : positive;
}

/** The time of an entry as the file stores it: whole seconds since the file's begin, within an int. */
export function timeDifference(storeTimestamp: number, beginTimestamp: number): number {
  if (beginTimestamp <= 0) return 0;
  const seconds = Math.trunc((storeTimestamp - beginTimestamp) / 1000);
  return seconds > MAX_INT ? MAX_INT : Math.max(0, seconds);
}

/** RocketMQ's name of an index file: the local time of its creation, yyyyMMddHHmmssSSS. */
export function indexFileName(now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  return (
    String(date.getFullYear()).padStart(4, '0') +
    two(date.getMonth() + 1) +
    two(date.getDate()) +
    two(date.getHours()) +
    two(date.getMinutes()) +
    two(date.getSeconds()) +
    String(date.getMilliseconds()).padStart(3, '0')
  );
}
