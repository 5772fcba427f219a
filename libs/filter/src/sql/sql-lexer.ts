import { sqlError } from './sql-error.ts';

/** What a token is: a kind of text, or the keyword (upper case) or sign itself. */
export type TokenKind = 'END' | 'ID' | 'DECIMAL' | 'FLOAT' | 'STRING' | Keyword | Sign;

export interface Token {
  readonly kind: TokenKind;
  /** As written; a string with its quotes. */
  readonly text: string;
  /** Where it starts, in UTF-16 units. */
  readonly position: number;
}

const KEYWORDS = [
  ...(['NOT', 'AND', 'OR', 'BETWEEN', 'IN', 'TRUE', 'FALSE', 'NULL', 'IS'] as const),
  ...(['CONTAINS', 'STARTSWITH', 'ENDSWITH'] as const),
];
type Keyword = (typeof KEYWORDS)[number];
const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);

/** The longer ones first: the longest match counts. */
const SIGNS = ['<>', '>=', '<=', '=', '>', '<', '(', ')', ',', '+', '-'] as const;
type Sign = (typeof SIGNS)[number];

/**
 * Cuts an expression into tokens as the grammar of RocketMQ's `SelectorParser` does, one at a time: what follows the last
 * token asked for is never looked at, so that it may be anything.
 *
 * Its corners are kept. `0` is a number of its own (`01` is `0` and `1`, `0l` is `0` and a name); a line comment needs
 * its line break, without one `--` is two minuses; names are ASCII, case counts in them and not in keywords.
 */
export class SqlLexer {
  readonly #text: string;
  readonly #lastLineBreak: number;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lastLineBreak = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  }

  /** The next token; `END` over and over once there is none. Throws RocketMQError at what starts no token. */
  next(): Token {
    this.#skip();
    const position = this.#at;
    if (position >= this.#text.length) return { kind: 'END', text: '', position };
    const [kind, end] = this.#match(position);
    this.#at = end;
    return { kind, text: this.#text.slice(position, end), position };
  }

  #match(at: number): [TokenKind, number] {
    const text = this.#text;
    const code = text.charCodeAt(at);
    if (isNameStart(code)) {
      const end = this.#while(at + 1, isNamePart);
      const word = text.slice(at, end).toUpperCase();
      return [KEYWORD_SET.has(word) ? (word as Keyword) : 'ID', end];
    }
    if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(at + 1)))) return this.#number(at);
    if (code === QUOTE) return ['STRING', this.#stringEnd(at)];
    const sign = SIGNS.find((one) => text.startsWith(one, at));
    if (sign === undefined) throw sqlError(text, at, 'a character that starts no token');
    return [sign, at + sign.length];
  }

  #number(at: number): [TokenKind, number] {
    const whole = this.#while(at, isDigit);
    if (this.#text.charCodeAt(whole) === DOT) {
      const fraction = this.#while(whole + 1, isDigit);
      return ['FLOAT', this.#exponentEnd(fraction) ?? fraction];
    }
    const exponent = this.#exponentEnd(whole);
    if (exponent !== undefined) return ['FLOAT', exponent];
    if (this.#text[at] === '0') return ['DECIMAL', at + 1];
    const suffixed = (this.#text.charCodeAt(whole) | LOWER) === 0x6c;
    return ['DECIMAL', suffixed ? whole + 1 : whole];
  }

  #exponentEnd(at: number): number | undefined {
    if ((this.#text.charCodeAt(at) | LOWER) !== 0x65) return undefined;
    const sign = this.#text[at + 1];
    const digits = sign === '+' || sign === '-' ? at + 2 : at + 1;
    const end = this.#while(digits, isDigit);
    return end > digits ? end : undefined;
  }

  /** Where a doubled quote leads nowhere, the string has ended at the first of the two. */
  #stringEnd(at: number): number {
    let end: number | undefined;
    for (let close = at; ;) {
      close = this.#text.indexOf("'", close + 1);
      if (close < 0) break;
      end = close + 1;
      if (this.#text.charCodeAt(end) !== QUOTE) break;
      close = end;
    }
    if (end === undefined) throw sqlError(this.#text, at, "a string without its closing '");
    return end;
  }

  #skip(): void {
    const text = this.#text;
    for (;;) {
      this.#at = this.#while(this.#at, isBlank);
      if (text.startsWith('--', this.#at) && this.#lastLineBreak > this.#at) {
        this.#at = this.#while(this.#at, isNoLineBreak);
      } else if (text.startsWith('/*', this.#at)) {
        const close = text.indexOf('*/', this.#at + 2);
        if (close < 0) throw sqlError(text, this.#at, 'a comment without its closing */');
        this.#at = close + 2;
      } else return;
    }
  }

  #while(at: number, test: (code: number) => boolean): number {
    let end = at;
    while (end < this.#text.length && test(this.#text.charCodeAt(end))) end++;
    return end;
  }
}

/** The value of a string token: without its quotes, `''` being one. */
export function stringValue(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}

const LOWER = 0x20;
const DOT = 0x2e;
const QUOTE = 0x27;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isNameStart(code: number): boolean {
  const lower = code | LOWER;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code === 0x24;
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0x0c;
}

function isNoLineBreak(code: number): boolean {
  return code !== 0x0a && code !== 0x0d;
}
