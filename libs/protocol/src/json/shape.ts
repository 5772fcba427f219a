import { RocketMQError } from '@nest-rocketmq/runtime';
import type { JsonObject, JsonValue } from './json-value.ts';
import { JavaDouble } from './stringify-json.ts';

/** How one value of a body is read from JSON and made ready to be written. */
export interface Shape<T> {
  /** What is absent or null becomes the shape's empty value. `at` is the way to the value, for messages. */
  decode(value: JsonValue | undefined, at: string): T;
  encode(value: T): unknown;
}

function wrong(at: string, expected: string): RocketMQError {
  return new RocketMQError('PROTOCOL', `JSON: ${at === '' ? 'the body' : at} is not ${expected}`);
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A text. Numbers and booleans are taken as their text, as fastjson does. */
export function string(empty = ''): Shape<string> {
  return {
    decode(value, at) {
      if (isAbsent(value)) return empty;
      if (typeof value === 'object') throw wrong(at, 'a text');
      return String(value);
    },
    encode: (value) => value,
  };
}

function toNumber(value: JsonValue, at: string): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object') throw wrong(at, 'a number');
  const number = value === '' ? NaN : Number(value);
  if (!Number.isFinite(number)) throw wrong(at, 'a number');
  return number;
}

/** An integer of 32 or 64 bits; beyond 2^53 the nearest number. */
export function integer(empty = 0): Shape<number> {
  return {
    decode: (value, at) => (isAbsent(value) ? empty : Math.trunc(toNumber(value, at))),
    encode: (value) => value,
  };
}

/** A number that Java holds as a double. */
export function double(): Shape<number> {
  return {
    decode: (value, at) => (isAbsent(value) ? 0 : toNumber(value, at)),
    encode: (value) => new JavaDouble(value),
  };
}

/** A boolean. */
export function boolean(empty = false): Shape<boolean> {
  return {
    decode(value, at) {
      if (isAbsent(value)) return empty;
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 1) return true;
      if (value === 'false' || value === 0) return false;
      throw wrong(at, 'a boolean');
    },
    encode: (value) => value,
  };
}

/** Whatever stands there, unread. */
export function anyJson(): Shape<JsonValue> {
  return { decode: (value) => value ?? null, encode: (value) => value };
}

/** The same shape; what is absent stays undefined and is not written. */
export function maybe<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    decode: (value, at) => (isAbsent(value) ? undefined : shape.decode(value, at)),
    encode: (value) => (value === undefined ? undefined : shape.encode(value)),
  };
}

/** A list. */
export function list<T>(item: Shape<T>): Shape<T[]> {
  return {
    decode(value, at) {
      if (isAbsent(value)) return [];
      if (!Array.isArray(value)) throw wrong(at, 'a list');
      return value.map((element, index) => item.decode(element, `${at}[${index}]`));
    },
    encode: (value) => value.map((element) => item.encode(element)),
  };
}

function members(value: JsonValue | undefined, at: string): JsonObject {
  if (isAbsent(value)) return new Map();
  if (!(value instanceof Map)) throw wrong(at, 'an object');
  return value;
}

/** An object whose keys are texts. */
export function mapOf<T>(item: Shape<T>): Shape<Map<string, T>> {
  return {
    decode(value, at) {
      const result = new Map<string, T>();
      for (const [key, member] of members(value, at)) {
        if (!isAbsent(member)) result.set(key, item.decode(member, `${at}.*`));
      }
      return result;
    },
    encode: (value) => encodeMap(value, item),
  };
}

/** An object whose keys are integers. */
export function numberMapOf<T>(item: Shape<T>): Shape<Map<number, T>> {
  return {
    decode(value, at) {
      const result = new Map<number, T>();
      for (const [key, member] of members(value, at)) {
        const number = Number(key);
        if (key === '' || !Number.isInteger(number)) throw wrong(`a key of ${at}`, 'an integer');
        if (!isAbsent(member)) result.set(number, item.decode(member, `${at}.*`));
      }
      return result;
    },
    encode: (value) => encodeMap(value, item),
  };
}

function encodeMap<K, T>(map: Map<K, T>, item: Shape<T>): Map<K, unknown> {
  const result = new Map<K, unknown>();
  for (const [key, member] of map) result.set(key, item.encode(member));
  return result;
}

/** The object a table of shapes describes. */
export type RecordOf<S> = {
  [K in keyof S as S[K] extends Shape<infer T> ? (undefined extends T ? never : K) : never]: ShapeType<S[K]>;
} & {
  [K in keyof S as S[K] extends Shape<infer T> ? (undefined extends T ? K : never) : never]?: ShapeType<S[K]>;
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never;

/** What a shape reads and writes. */
export type ShapeType<S> = S extends Shape<infer T> ? T : never;

/** An object with known members; others are ignored. */
export function record<S extends { [K in keyof S]: Shape<ShapeType<S[K]>> }>(shapes: S): Shape<RecordOf<S>> {
  const entries = Object.entries(shapes) as [string, Shape<unknown>][];
  return {
    decode(value, at) {
      const object = members(value, at);
      const result: Record<string, unknown> = {};
      for (const [name, shape] of entries) {
        const member = shape.decode(object.get(name), at === '' ? name : `${at}.${name}`);
        if (member !== undefined) result[name] = member;
      }
      return result as RecordOf<S>;
    },
    encode(value) {
      const properties = value as Record<string, unknown>;
      const result: Record<string, unknown> = {};
      for (const [name, shape] of entries) {
        const member = properties[name];
        if (member !== undefined && member !== null) result[name] = shape.encode(member);
      }
      return result;
    },
  };
}
