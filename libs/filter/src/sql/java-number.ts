/**
 * Numbers read from text as Java's `Integer.valueOf`, `Long.valueOf` and `Double.valueOf` read them; undefined where
 * those throw NumberFormatException. JavaScript's own conversions take more ("", " 5", "0b1") and less ("1f", "0x1p3").
 */

const MIN_INT = -0x8000_0000;
const MAX_INT = 0x7fff_ffff;
const SHORT_DIGITS = 9;
const ZERO = 0x30;
const MINUS = 0x2d;
const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/** `Integer.valueOf`: a sign or none and decimal digits of any script, in 32 bits. */
export function parseJavaInt(text: string): number | undefined {
  const int = parseShort(text) ?? Number(parseJavaLong(text));
  return int >= MIN_INT && int <= MAX_INT ? int : undefined;
}

/** What nearly every property that is a number is: up to nine ASCII digits. */
function parseShort(text: string): number | undefined {
  const { length } = text;
  const negative = text.charCodeAt(0) === MINUS;
  let at = negative ? 1 : 0;
  if (length === at || length > SHORT_DIGITS + at) return undefined;
  let value = 0;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

/** `Long.valueOf`: a sign or none and decimal digits of any script, in 64 bits. */
export function parseJavaLong(text: string): bigint | undefined {
  const digits = asciiDigits(text);
  if (digits === undefined) return undefined;
  const magnitude = digits.replace(/^0+/, '');
  if (magnitude.length > 19) return undefined;
  const value = text.startsWith('-') ? -BigInt(magnitude) : BigInt(magnitude);
  return value >= MIN_LONG && value <= MAX_LONG ? value : undefined;
}

function asciiDigits(text: string): string | undefined {
  const start = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const digits = text.slice(start);
  if (/^[0-9]+$/.test(digits)) return digits;
  // Character.digit on UTF-16 units: the digits of every script of the basic plane.
  return /^\p{Nd}+$/u.test(digits) && !/[\ud800-\udfff]/.test(digits)
    ? digits.replace(/[^0-9]/g, (digit) => String(digitValue(digit.charCodeAt(0))))
    : undefined;
}

/** Ten digits of a script stand together, the zero at a code ending in 0 or in 6. */
function digitValue(code: number): number {
  const low = code & 0xf;
  const fromZero = /\p{Nd}/u.test(String.fromCharCode(code - low + 5));
  return fromZero ? low : low - 6;
}

/**
 * `Double.valueOf`: blanks around it (anything up to U+0020), a sign, then `NaN`, `Infinity`, a decimal or a hexadecimal
 * (`0x1.8p3`) number with an `f`, `F`, `d` or `D` behind it or none.
 */
export function parseJavaDouble(text: string): number | undefined {
  const trimmed = trimJava(text);
  const start = trimmed.startsWith('-') || trimmed.startsWith('+') ? 1 : 0;
  const magnitude = parseMagnitude(trimmed.slice(start));
  if (magnitude === undefined) return undefined;
  return trimmed.startsWith('-') ? -magnitude : magnitude;
}

// No two parts of a pattern may match the same digits: a property of peers must not make it backtrack.
function parseMagnitude(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN;
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  const decimal = /^((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?$/.exec(text);
  if (decimal) return Number(decimal[1]);
  const hex = /^0[xX](?:([0-9a-fA-F]+)\.?|([0-9a-fA-F]*)\.([0-9a-fA-F]+))[pP]([+-]?[0-9]+)[fFdD]?$/.exec(
    text,
  );
  if (!hex) return undefined;
  const fraction = hex[3] ?? '';
  return scaled(BigInt(`0x${hex[1] ?? hex[2] ?? ''}${fraction}`), Number(hex[4]) - 4 * fraction.length);
}

/** The double nearest to `digits * 2 ** exponent`, ties to even. */
function scaled(digits: bigint, exponent: number): number {
  if (digits === 0n) return 0;
  const bits = digits.toString(2).length;
  const magnitude = bits - 1 + exponent;
  if (magnitude > 1023) return Number.POSITIVE_INFINITY;
  if (magnitude < -1075) return 0;
  const precision = Math.min(53, magnitude + 1075);
  const surplus = bits - precision;
  if (surplus <= 0) return Number(digits) * 2 ** exponent;
  const shift = BigInt(surplus);
  const kept = digits >> shift;
  const twice = (digits - (kept << shift)) << 1n;
  const unit = 1n << shift;
  const up = twice > unit || (twice === unit && (kept & 1n) === 1n);
  return Number(up ? kept + 1n : kept) * 2 ** (exponent + surplus);
}

function trimJava(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (start < end && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}
