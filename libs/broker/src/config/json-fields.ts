import type { DataVersion } from '@nest-rocketmq/protocol';

/** The members of a JSON object, whichever way the parser hands objects out; none when it is something else. */
export function members(value: unknown): [key: string, value: unknown][] {
  if (value instanceof Map)
    return [...value].map(([key, member]): [string, unknown] => [String(key), member]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value);
}

/** One member of a JSON object. */
export function member(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key);
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

/** A whole number, as number or as 64-bit number, or the fallback. */
export function integer(value: unknown, fallback: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : fallback;
}

/** The version of a table, or undefined when the file has none. 4.9's has no stateVersion. */
export function dataVersionOf(value: unknown): DataVersion | undefined {
  if (members(value).length === 0) return undefined;
  return {
    stateVersion: integer(member(value, 'stateVersion'), 0),
    timestamp: integer(member(value, 'timestamp'), 0),
    counter: integer(member(value, 'counter'), 0),
  };
}
