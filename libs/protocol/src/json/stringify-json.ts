import { RocketMQError } from '@nest-rocketmq/runtime';
import { quoteAscii, quoteJson } from './quote.ts';

/** A number Java holds as a double: it is written with a fraction even where that is zero. */
export class JavaDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** How {@link stringifyJson} writes. */
export interface StringifyOptions {
  /** Standard JSON: numeric keys are quoted and everything beyond ASCII is escaped. Default: fastjson's dialect. */
  standard?: boolean;
  /** fastjson's pretty form, tabs and all, as RocketMQ's configuration files have it. */
  pretty?: boolean;
}

const MAX_DEPTH = 64;

/**
 * Writes JSON as fastjson does. Objects: keys sorted, undefined and null left out. Maps: number keys bare, objects as
 * keys written as objects; sorted by key where keys are texts or numbers. Buffers are base64, Sets are lists.
 * Throws RocketMQError `INVALID_ARGUMENT` for what JSON can't say: functions, NaN, cycles.
 */
export function stringifyJson(value: unknown, options: StringifyOptions = {}): string {
  return new Writer(options).write(value, 0);
}

class Writer {
  readonly #standard: boolean;
  readonly #pretty: boolean;

  constructor(options: StringifyOptions) {
    this.#standard = options.standard ?? false;
    this.#pretty = options.pretty ?? false;
  }

  write(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.#quote(value);
      case 'number':
        return formatNumber(value);
      case 'bigint':
      case 'boolean':
        return String(value);
      case 'object':
        return value === null ? 'null' : this.#object(value, depth);
      case 'undefined':
        return 'null';
      default:
        throw new RocketMQError('INVALID_ARGUMENT', `JSON can't say a ${typeof value}`);
    }
  }

  #object(value: object, depth: number): string {
    if (depth > MAX_DEPTH)
      throw new RocketMQError('INVALID_ARGUMENT', `JSON nested deeper than ${MAX_DEPTH}, or a cycle`);
    if (value instanceof JavaDouble) return formatDouble(value.value);
    if (value instanceof Uint8Array) return this.#quote(Buffer.from(value).toString('base64'));
    if (value instanceof Map) return this.#map(value, depth);
    if (Array.isArray(value) || value instanceof Set)
      return this.#list([...(value as Iterable<unknown>)], depth);
    return this.#entries(sorted(Object.entries(value)), depth);
  }

  #list(items: unknown[], depth: number): string {
    if (items.length === 0) return '[]';
    const indent = this.#newline(depth + 1);
    return `[${items.map((item) => indent + this.write(item, depth + 1)).join(',')}${this.#newline(depth)}]`;
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): string {
    return this.#entries(sorted([...map]), depth);
  }

  #entries(entries: [unknown, unknown][], depth: number): string {
    const parts: string[] = [];
    for (const [key, value] of entries) {
      if (value === undefined || value === null) continue;
      // fastjson breaks the line before text keys only.
      const indent = typeof key === 'string' ? this.#newline(depth + 1) : '';
      parts.push(`${indent}${this.#key(key, depth)}:${this.write(value, depth + 1)}`);
    }
    return parts.length === 0 ? '{}' : `{${parts.join(',')}${this.#newline(depth)}}`;
  }

  #key(key: unknown, depth: number): string {
    if (typeof key === 'string') return this.#quote(key);
    const text = this.write(key, depth + 1);
    return this.#standard ? this.#quote(text) : text;
  }

  #quote(text: string): string {
    return this.#standard ? quoteAscii(text) : quoteJson(text);
  }

  #newline(depth: number): string {
    return this.#pretty ? `\n${'\t'.repeat(depth)}` : '';
  }
}

function sorted(entries: [unknown, unknown][]): [unknown, unknown][] {
  return entries.sort(([a], [b]) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
    return 0;
  });
}

function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value + 0);
  if (Number.isFinite(value)) return Number.isInteger(value) ? formatLarge(value) : String(value);
  throw new RocketMQError('INVALID_ARGUMENT', `JSON can't say ${value}`);
}

// Beyond 2^53 only Java's Long.MAX_VALUE and the like come by, which as numbers are rounded up out of their range.
function formatLarge(value: number): string {
  if (value === 2 ** 63) return '9223372036854775807';
  return Math.abs(value) < 2 ** 64 ? BigInt(value).toString() : String(value);
}

function formatDouble(value: number): string {
  if (!Number.isFinite(value)) throw new RocketMQError('INVALID_ARGUMENT', `JSON can't say ${value}`);
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value + 0}.0` : String(value);
}
