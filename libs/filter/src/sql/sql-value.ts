import { parseJavaDouble, parseJavaInt, parseJavaLong } from './java-number.ts';

/** A number of an expression, in the Java type that the literal has there: it decides how a property is converted. */
export type SqlNumber =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number };

/** What an operand is worth: undefined is NULL, and UNKNOWN among the truths. */
export type SqlValue = string | boolean | SqlNumber | undefined;

/** The worth of an operand whose evaluation throws in Java: no message matches then, whatever stands around it. */
export const FAILED = Symbol('failed');
export type Failed = typeof FAILED;

/** The order of two values that are not NULL: negative, 0 or positive. */
type Order = number | Failed;

/**
 * Compares as RocketMQ's `ComparisonExpression` does: numbers widened to the wider type; text converted to the type of
 * the other side; a failed conversion fails, and so does a truth before a text (Java casts the wrong side there). Types
 * that can't meet are "less".
 */
export function compareValues(left: NonNullable<SqlValue>, right: NonNullable<SqlValue>): Order {
  if (typeof left === 'boolean') {
    if (typeof right === 'boolean') return Number(left) - Number(right);
    return typeof right === 'string' ? FAILED : -1;
  }
  if (typeof left === 'string') {
    if (typeof right === 'string') return left === right ? 0 : left < right ? -1 : 1;
    if (typeof right === 'boolean') return Number(left.toLowerCase() === 'true') - Number(right);
    const number = convert(left, right.type);
    return number ? compareNumbers(number, right) : FAILED;
  }
  if (typeof right === 'boolean') return -1;
  if (typeof right !== 'string') return compareNumbers(left, right);
  const number = convert(right, left.type);
  return number ? compareNumbers(left, number) : FAILED;
}

/** As {@link compareValues}, for `<`, `<=`, `>` and `>=`: two texts are compared as doubles, or fail. */
export function compareOrdered(left: NonNullable<SqlValue>, right: NonNullable<SqlValue>): Order {
  if (typeof left !== 'string' || typeof right !== 'string') return compareValues(left, right);
  const [a, b] = [parseJavaDouble(left), parseJavaDouble(right)];
  return a === undefined || b === undefined ? FAILED : compareDoubles(a, b);
}

/** The number with its sign turned, in its own type. */
export function negateNumber(number: SqlNumber): SqlNumber {
  switch (number.type) {
    case 'int':
      // An int has no negative zero.
      return { type: 'int', value: 0 - number.value };
    case 'long':
      return { type: 'long', value: -number.value };
    case 'double':
      return { type: 'double', value: -number.value };
  }
}

function convert(text: string, type: SqlNumber['type']): SqlNumber | undefined {
  if (type === 'long') {
    const value = parseJavaLong(text);
    return value === undefined ? undefined : { type, value };
  }
  const value = type === 'int' ? parseJavaInt(text) : parseJavaDouble(text);
  return value === undefined ? undefined : { type, value };
}

function compareNumbers(left: SqlNumber, right: SqlNumber): number {
  if (left.type === 'double' || right.type === 'double') {
    return compareDoubles(Number(left.value), Number(right.value));
  }
  return left.value === right.value ? 0 : left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

/** `Double.compareTo`: NaN is above all and equal to itself, -0 below 0. */
function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (Object.is(left, right)) return 0;
  if (Number.isNaN(left)) return 1;
  if (Number.isNaN(right)) return -1;
  return Object.is(left, -0) ? -1 : 1;
}
