import { printable } from '@nest-rocketmq/runtime';
import type { FieldSource } from '../remoting/field-source.ts';
import { HeaderError } from '../remoting/header-error.ts';
import { formatInt64, parseInt32, parseInt64 } from '../remoting/numbers.ts';

/** Reads the fields of a header into an object, and back. */
export interface HeaderCodec<T> {
  /** Throws {@link HeaderError} naming the first field that is required and missing, or malformed. */
  decode(fields: FieldSource): T;
  /** The fields as they go on the wire. Fields that are undefined are left out. */
  encode(header: T): Map<string, string>;
}

/** How one field of a header is read and written. */
export interface Field<T> {
  readonly parse: (text: string, key: string) => T;
  readonly format: (value: NonNullable<T>) => string;
  /** What stands for an absent field; undefined here and `required` unset means the field is optional. */
  readonly fallback?: T;
  readonly required: boolean;
  /** The key on the wire where it isn't the property's name. */
  readonly key?: string;
}

type OptionalKeys<S> = {
  [K in keyof S]: S[K] extends Field<infer T> ? (undefined extends T ? K : never) : never;
}[keyof S];
type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The object a table of fields describes. Optional fields are optional properties. */
export type HeaderOf<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: ValueOf<S[K]> } & {
  [K in OptionalKeys<S>]?: ValueOf<S[K]>;
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never;

/** Any table of fields. */
export type Fields = Record<string, Field<never>>;

/** A required text field. */
export const text: Field<string> = { parse: (value) => value, format: (value) => value, required: true };

/** A required signed 32-bit integer. */
export const int32: Field<number> = {
  parse: (value, key) => parseInt32(key, value),
  format: formatInt64,
  required: true,
};

/** A required signed 64-bit integer, as a number (see {@link parseInt64}). */
export const int64: Field<number> = {
  parse: (value, key) => parseInt64(key, value),
  format: formatInt64,
  required: true,
};

/** A required boolean. As `Boolean.parseBoolean` has it, every text but `true` (in any case) is false. */
export const bool: Field<boolean> = {
  parse: (value) => value === 'true' || value.toLowerCase() === 'true',
  format: String,
  required: true,
};

/** A required text that is one of a few; anything else is malformed. */
export function oneOf<const T extends string>(...values: readonly T[]): Field<T> {
  return {
    parse: (value, key) => {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined)
        throw new HeaderError(key, `"${printable(value, 40)}" is none of ${values.join(', ')}`);
      return found;
    },
    format: (value) => value,
    required: true,
  };
}

/** The same field, but it may be absent. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, required: false, format: (value) => field.format(value as NonNullable<T>) };
}

/** The same field, but peers may leave it out, which means `fallback`. It is always written. */
export function orElse<T>(field: Field<T>, fallback: T): Field<T> {
  return { ...field, required: false, fallback };
}

/** The same field under another key on the wire. */
export function named<T>(key: string, field: Field<T>): Field<T> {
  return { ...field, key };
}

interface CompiledField {
  readonly property: string;
  readonly key: string;
  readonly field: Field<unknown>;
}

/** Builds the codec of a header from its table of fields. Their order is the order they are written in. */
export function header<S extends { [K in keyof S]: Field<ValueOf<S[K]>> }>(
  fields: S,
): HeaderCodec<HeaderOf<S>> {
  const compiled: CompiledField[] = Object.entries(fields).map(([property, field]) => {
    const typed = field as Field<unknown>;
    return { property, key: typed.key ?? property, field: typed };
  });
  return {
    decode(source) {
      const result: Record<string, unknown> = {};
      for (const { property, key, field } of compiled) {
        const value = source.get(key);
        if (value !== undefined) result[property] = field.parse(value, key);
        else if (field.required) throw new HeaderError(key, 'missing');
        else if (field.fallback !== undefined) result[property] = field.fallback;
      }
      return result as HeaderOf<S>;
    },
    encode(value) {
      const result = new Map<string, string>();
      const properties = value as Record<string, unknown>;
      for (const { property, key, field } of compiled) {
        const item = properties[property];
        if (item !== undefined && item !== null) result.set(key, field.format(item));
      }
      return result;
    },
  };
}

/** A command of the protocol: its code, and what its request and its answer carry in their headers. */
export interface Command<Req, Res> {
  readonly code: number;
  /** The name of this constant, which processors are found by. */
  readonly name: string;
  readonly request: HeaderCodec<Req>;
  readonly response: HeaderCodec<Res>;
}

/** A header without fields. */
export type EmptyHeader = Record<never, never>;

/** The codec of a header without fields. Whatever it is given carries none. */
export const emptyHeader: HeaderCodec<EmptyHeader> = header({});

/** The object a codec reads and writes. */
export type HeaderType<C> = C extends HeaderCodec<infer T> ? T : never;

/** Puts a command together. */
export function command<Req, Res = EmptyHeader>(
  code: number,
  name: string,
  request: HeaderCodec<Req>,
  response?: HeaderCodec<Res>,
): Command<Req, Res> {
  return { code, name, request, response: response ?? (emptyHeader as HeaderCodec<Res>) };
}
