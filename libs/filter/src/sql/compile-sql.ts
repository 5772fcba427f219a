import { compileCondition, type PropertyLookup } from './sql-evaluator.ts';
import { sqlError } from './sql-error.ts';
import { DEFAULT_SQL_LIMITS, type SqlLimits } from './sql-limits.ts';
import { parseSql } from './sql-parser.ts';
import { FAILED } from './sql-value.ts';

/** What an expression says of a message: `FAILED` where a property can't be converted, or compared with what stands there. */
export type SqlResult = 'TRUE' | 'FALSE' | 'UNKNOWN' | 'FAILED';

/** A compiled expression. It holds no state: one may serve any number of messages and consumers. */
export interface SqlFilter {
  readonly expression: string;
  /** The properties it may look up, each once: whoever looks them up in raw bytes needs no other. */
  readonly propertyNames: readonly string[];
  /** What of the text was left unread behind the expression, which RocketMQ allows; usually a mistake (`a LIKE 'x'`). */
  readonly ignored: string;
  /** Whether the message is wanted: only if the result is `TRUE`. Throws nothing but what `lookup` throws. */
  matches(lookup: PropertyLookup): boolean;
  /** The result itself. */
  evaluate(lookup: PropertyLookup): SqlResult;
}

/**
 * Compiles an SQL92 expression: the dialect and semantics of RocketMQ 5's `SqlFilter`, which is the one of its broker.
 *
 *     compileSql("price > 5 AND region IN ('eu', 'us')").matches((name) => message.properties.get(name));
 *
 * Throws RocketMQError `INVALID_ARGUMENT` with response code 23 (SUBSCRIPTION_PARSE_FAILED), naming the position, for what
 * RocketMQ refuses and for what exceeds the limits.
 */
export function compileSql(expression: string, limits: Partial<SqlLimits> = {}): SqlFilter {
  const bounds = { ...DEFAULT_SQL_LIMITS, ...limits };
  if (expression.length > bounds.maxLength) {
    throw sqlError(expression, 0, `${expression.length} characters, of at most ${bounds.maxLength}`);
  }
  const { condition, propertyNames, end } = parseSql(expression, bounds);
  const evaluate = compileCondition(condition);
  return {
    expression,
    propertyNames,
    ignored: expression.slice(end),
    matches: (lookup) => evaluate(lookup) === true,
    evaluate: (lookup) => {
      const truth = evaluate(lookup);
      if (truth === FAILED) return 'FAILED';
      if (truth === undefined) return 'UNKNOWN';
      return truth ? 'TRUE' : 'FALSE';
    },
  };
}
