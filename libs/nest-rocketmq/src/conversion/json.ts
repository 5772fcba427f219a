import { RocketMQError } from '@nest-rocketmq/runtime';

/** How JSON is read. Nothing of it is written: dates are ISO texts, and bigints numbers with all their digits, always. */
export interface JsonOptions {
  /** Texts that are dates as `Date.toJSON` writes them (`2026-01-02T03:04:05.678Z`) become `Date`s. Default false: they stay texts. */
  dates?: boolean;
  /** Whole numbers beyond 2^53, such as Java's large `long`s, become `bigint`s. Default false: they lose their last digits. */
  bigints?: boolean;
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const WHOLE_NUMBER = /^-?\d{16,}$/;
const LONG_DIGITS = /\d{16}/;

/**
 * The JSON of a value. A bigint is written as a number.
 * @throws RocketMQError `INVALID_ARGUMENT` when it has none: a function, a symbol, a structure that contains itself
 */
export function writeJson(value: unknown): string {
  const json = typeof value === 'bigint' ? String(value) : stringify(value);
  if (json !== undefined) return json;
  throw new RocketMQError(
    'INVALID_ARGUMENT',
    `A payload of type ${typeof value} has no JSON form: send text, bytes or a JSON value`,
  );
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!containsBigint(value)) throw error;
  }
  // Rare, so what it costs is paid only where there is one: a mark nobody else can know, taken away with its quotes.
  const mark = `bigint-${crypto.randomUUID()}:`;
  const json: string | undefined = JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'bigint' ? `${mark}${inner}` : inner,
  );
  return json?.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

function containsBigint(value: unknown): boolean {
  let found = false;
  try {
    JSON.stringify(value, (_name, inner: unknown) => {
      if (typeof inner !== 'bigint') return inner;
      found = true;
      return 0;
    });
  } catch {
    // It contains itself: that is what the caller is told, whatever else it contains.
    return false;
  }
  return found;
}

/** @throws SyntaxError when the text is not JSON */
export function readJson(text: string, { dates, bigints }: JsonOptions): unknown {
  if (!dates && !bigints) return JSON.parse(text) as unknown;
  const mark = bigints && LONG_DIGITS.test(text) ? `bigint-${crypto.randomUUID()}:` : undefined;
  if (!dates && mark === undefined) return JSON.parse(text) as unknown;
  // Checked as it is, so that an error tells of the text and not of the marks.
  if (mark !== undefined) JSON.parse(text);
  return JSON.parse(mark === undefined ? text : markLongNumbers(text, mark), (_name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (mark !== undefined && value.startsWith(mark)) return BigInt(value.slice(mark.length));
    return dates && DATE.test(value) ? dateOr(value) : value;
  }) as unknown;
}

function dateOr(text: string): Date | string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date;
}

/** Makes marked texts of the whole numbers in a JSON text that a double can't hold; texts are left as they are. */
function markLongNumbers(json: string, mark: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < json.length;) {
    const character = json.charCodeAt(at);
    if (character === 0x22) {
      at = endOfText(json, at);
      continue;
    }
    if (!isNumberPart(character)) {
      at++;
      continue;
    }
    const start = at;
    while (at < json.length && isNumberPart(json.charCodeAt(at))) at++;
    const number = json.slice(start, at);
    if (!WHOLE_NUMBER.test(number) || Number.isSafeInteger(Number(number))) continue;
    parts.push(json.slice(copied, start), `"${mark}${number}"`);
    copied = at;
  }
  return parts.length === 0 ? json : parts.join('') + json.slice(copied);
}

/** Digits, and what else a number can have: `+ - . E e`. The letters of `true`, `false` and `null` do no harm. */
function isNumberPart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].includes(code);
}

/** Where the text that begins at `start` with its quote is over. */
function endOfText(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}
