import { printable } from '@nest-rocketmq/runtime';
import { HeaderError } from './header-error.ts';

const INTEGER = /^[+-]?\d{1,30}$/;

/** Java's `Integer.parseInt` over the text of a field. Throws {@link HeaderError}. */
export function parseInt32(key: string, text: string): number {
  const value = INTEGER.test(text) ? Number(text) : NaN;
  if (!(value >= -0x80000000 && value <= 0x7fffffff)) {
    throw new HeaderError(key, `"${printable(text, 40)}" is not a 32-bit integer`);
  }
  return value + 0;
}

/**
 * Java's `Long.parseLong` over the text of a field. Beyond 2^53 the nearest number is given. Throws {@link HeaderError}.
 */
export function parseInt64(key: string, text: string): number {
  if (!INTEGER.test(text)) throw new HeaderError(key, `"${printable(text, 40)}" is not an integer`);
  const value = Number(text);
  // Only from 2^62 on can rounding hide that the text was out of range.
  if (
    Math.abs(value) >= 2 ** 62 &&
    BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', ''))
  ) {
    throw new HeaderError(key, `"${printable(text, 40)}" is not a 64-bit integer`);
  }
  return value + 0;
}

/** Java's `Long.toString` of a number: never an exponent, never beyond 64 bits. */
export function formatInt64(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value);
  if (value >= 2 ** 63) return '9223372036854775807';
  if (value <= -(2 ** 63)) return '-9223372036854775808';
  return BigInt(Math.trunc(value)).toString();
}
