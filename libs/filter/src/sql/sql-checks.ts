import { parseJavaDouble, parseJavaLong } from './java-number.ts';
import type { SqlNode } from './sql-node.ts';
import { compareValues, FAILED, type SqlNumber } from './sql-value.ts';

/*
 * What `ComparisonExpression` and `ConstantExpression` refuse when an expression is compiled. Each says what is wrong, or
 * nothing. Only constants as written are looked at: `-5` is an operator on one, and so escapes.
 */

/** Why the operand can't stand beside `>`, `>=`, `<` or `<=`. */
export function orderedProblem(node: SqlNode): string | undefined {
  if (node.type === 'property' || node.type === 'negate') return undefined;
  if (node.type === 'literal' && typeof node.value !== 'string') return undefined;
  return 'only numbers and properties have an order';
}

/** Why the two can't be compared by `=` or `<>`. */
export function equalProblem(left: SqlNode, right: SqlNode): string | undefined {
  if (isNullLiteral(left) || isNullLiteral(right)) return 'nothing equals NULL; write IS NULL or IS NOT NULL';
  if (left.type === 'truth' && right.type === 'literal')
    return 'TRUE and FALSE have no number or text to equal';
  return undefined;
}

/** Why nothing can lie between the two. */
export function betweenProblem(low: SqlNode, high: SqlNode): string | undefined {
  if (low.type !== 'literal' || high.type !== 'literal') return undefined;
  const order = compareValues(high.value, low.value);
  return order === FAILED || order < 0 ? 'BETWEEN needs the lower bound first' : undefined;
}

/** The number of a decimal literal: an int if it fits, or else a long; undefined beyond that. */
export function decimalLiteral(text: string): SqlNumber | undefined {
  const value = parseJavaLong(/[lL]$/.test(text) ? text.slice(0, -1) : text);
  if (value === undefined) return undefined;
  return value <= 0x7fff_ffffn ? { type: 'int', value: Number(value) } : { type: 'long', value };
}

/** The number of a floating point literal; undefined for what no double above 0 holds, which 0.0 is too. */
export function floatLiteral(text: string): SqlNumber | undefined {
  const value = parseJavaDouble(text);
  return value !== undefined && value > 0 && Number.isFinite(value) ? { type: 'double', value } : undefined;
}

function isNullLiteral(node: SqlNode): boolean {
  return node.type === 'truth' && node.value === undefined;
}
