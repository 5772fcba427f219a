import type { SqlNumber } from './sql-value.ts';

export type CompareOperator = '=' | '>' | '>=' | '<' | '<=';
export type TextOperator = 'CONTAINS' | 'STARTSWITH' | 'ENDSWITH';

/** A parsed expression. What the dialect has for convenience is already put in terms of these: `a <> b` is `NOT a = b`. */
export type SqlNode = SqlOperand | SqlCondition;

/** What has a value that is no truth. `negate` of what is no number is NULL. */
export type SqlOperand =
  | { readonly type: 'property'; readonly name: string }
  | { readonly type: 'literal'; readonly value: string | SqlNumber }
  | { readonly type: 'negate'; readonly operand: SqlNode };

/** What has a truth. `property` as one (`a AND b = 1`) is a `bare`: FALSE, or UNKNOWN if missing. */
export type SqlCondition =
  /** TRUE, FALSE, and NULL as undefined. */
  | { readonly type: 'truth'; readonly value: boolean | undefined }
  | { readonly type: 'bare'; readonly name: string }
  | { readonly type: 'not'; readonly operand: SqlCondition }
  | { readonly type: 'and' | 'or'; readonly operands: readonly SqlCondition[] }
  | {
      readonly type: 'compare';
      readonly operator: CompareOperator;
      readonly left: SqlNode;
      readonly right: SqlNode;
    }
  | {
      readonly type: 'between';
      readonly negated: boolean;
      readonly value: SqlNode;
      readonly low: SqlNode;
      readonly high: SqlNode;
    }
  | { readonly type: 'isNull'; readonly operand: SqlNode }
  | { readonly type: 'in'; readonly name: string; readonly values: ReadonlySet<string> }
  | {
      readonly type: 'text';
      readonly operator: TextOperator;
      readonly negated: boolean;
      readonly operand: SqlNode;
      readonly search: string;
    };

/** Whether the node has a truth, as `BooleanExpression` says of Java's classes. */
export function isCondition(node: SqlNode): node is SqlCondition {
  return node.type !== 'property' && node.type !== 'literal' && node.type !== 'negate';
}
