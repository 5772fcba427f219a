import { RocketMQError } from '@nest-rocketmq/runtime';
import type { JsonObject, JsonValue } from './json-value.ts';
import { References } from './references.ts';
import { stringifyJson } from './stringify-json.ts';

/** What a text may cost at most. */
export interface JsonLimits {
  /** Default 16 MiB. */
  maxBytes?: number;
  /** How deep objects and lists may nest. Default 64. */
  maxDepth?: number;
  /** How many values there may be in all, references counted at the size of what they stand for. Default 1,000,000. */
  maxValues?: number;
}

const ESCAPES = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['0', '\0'],
]);
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const HEX = /^[0-9a-fA-F]{4}$/;

/**
 * Reads JSON as fastjson does, which is how RocketMQ's bodies and configuration files are written: besides standard
 * JSON it takes numbers, objects and bare words as keys, single quotes, trailing commas and `$ref`. Integers stay exact.
 * Throws RocketMQError `PROTOCOL` saying what is wrong and where, or which limit was exceeded.
 */
export function parseJson(text: string | Buffer, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? 16 * 1024 * 1024;
  if (text.length > maxBytes) {
    throw new RocketMQError(
      'PROTOCOL',
      `JSON of ${text.length} bytes, more than the ${maxBytes} allowed here`,
    );
  }
  const source = typeof text === 'string' ? text : text.toString('utf8');
  return new Parser(source, limits.maxDepth ?? 64, limits.maxValues ?? 1_000_000).parse();
}

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  readonly #open: (JsonObject | JsonValue[])[] = [];
  readonly #references = new References();
  #at = 0;
  #values = 0;

  constructor(text: string, maxDepth: number, maxValues: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#maxValues = maxValues;
  }

  parse(): JsonValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error('something behind the end');
    this.#references.resolve(value, this.#maxValues - this.#values);
    return value;
  }

  #value(): JsonValue {
    if (++this.#values > this.#maxValues) throw this.#error(`more than ${this.#maxValues} values`);
    this.#space();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
      case "'":
        return this.#string();
      default:
        return this.#literal();
    }
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    this.#enter(object);
    this.#at++;
    while (!this.#closes('}')) {
      const key = this.#key();
      this.#expect(':');
      object.set(key, this.#value());
      this.#references.note(object, key, this.#open);
      if (!this.#comma()) {
        this.#expect('}');
        break;
      }
    }
    this.#open.pop();
    return object;
  }

  #list(): JsonValue[] {
    const list: JsonValue[] = [];
    this.#enter(list);
    this.#at++;
    while (!this.#closes(']')) {
      list.push(this.#value());
      this.#references.note(list, list.length - 1, this.#open);
      if (!this.#comma()) {
        this.#expect(']');
        break;
      }
    }
    this.#open.pop();
    return list;
  }

  #enter(container: JsonObject | JsonValue[]): void {
    if (this.#open.length >= this.#maxDepth) throw this.#error(`nested deeper than ${this.#maxDepth}`);
    this.#open.push(container);
  }

  #key(): string {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") return this.#string();
    if (first === '{') {
      if (++this.#values > this.#maxValues) throw this.#error(`more than ${this.#maxValues} values`);
      return stringifyJson(this.#object());
    }
    const key = this.#match(NUMBER) ?? this.#match(WORD);
    if (key === undefined) throw this.#error('no key');
    return key;
  }

  #string(): string {
    const quote = this.#text[this.#at];
    let from = ++this.#at;
    let result = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#error('a string without its end');
      if (character === quote) {
        result += this.#text.slice(from, this.#at++);
        return result;
      }
      if (character === '\\') {
        result += this.#text.slice(from, this.#at) + this.#escape();
        from = this.#at;
      } else this.#at++;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    if (letter === 'u' || letter === 'x') {
      const length = letter === 'u' ? 4 : 2;
      const digits = this.#text.slice(this.#at + 2, this.#at + 2 + length);
      if (!HEX.test(digits.padStart(4, '0')) || digits.length < length) throw this.#error('not an escape');
      this.#at += 2 + length;
      return String.fromCharCode(parseInt(digits, 16));
    }
    const character = ESCAPES.get(letter);
    if (character === undefined) throw this.#error('not an escape');
    this.#at += 2;
    return character;
  }

  #literal(): JsonValue {
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#number(number);
    switch (this.#match(WORD)) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      default:
        throw this.#error('not a value');
    }
  }

  #number(digits: string): number | bigint {
    const number = Number(digits);
    if (Number.isSafeInteger(number) || /[.eE]/.test(digits)) return number + 0;
    // Twice what a Java long can say; beyond, digits only cost time.
    if (digits.length > 40) throw this.#error(`an integer of ${digits.length} digits`);
    return BigInt(digits);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    }
  }

  #closes(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #comma(): boolean {
    return this.#closes(',');
  }

  #expect(character: string): void {
    if (!this.#closes(character)) throw this.#error(`no ${character}`);
  }

  #error(problem: string): RocketMQError {
    return new RocketMQError('PROTOCOL', `JSON: ${problem} at character ${this.#at} of ${this.#text.length}`);
  }
}
