import type { CompareOperator, SqlCondition, SqlNode, TextOperator } from './sql-node.ts';
import {
  compareOrdered,
  compareValues,
  FAILED,
  negateNumber,
  type Failed,
  type SqlValue,
} from './sql-value.ts';

/** The text of a property of a message; undefined if it has none of that name. */
export type PropertyLookup = (name: string) => string | undefined;

/** True, false, undefined for UNKNOWN, or failed. */
export type Truth = boolean | undefined | Failed;

export type Condition = (lookup: PropertyLookup) => Truth;
type Operand = (lookup: PropertyLookup) => SqlValue | Failed;

/** Makes closures of a parsed condition: the semantics of RocketMQ's `*Expression.evaluate`, exceptions being {@link FAILED}. */
export function compileCondition(node: SqlCondition): Condition {
  switch (node.type) {
    case 'truth':
      return () => node.value;
    case 'bare':
      // The value is text, never a truth.
      return (lookup) => (lookup(node.name) === undefined ? undefined : false);
    case 'not':
      return negation(compileCondition(node.operand));
    case 'and':
      return connection(node.operands.map(compileCondition), false);
    case 'or':
      return connection(node.operands.map(compileCondition), true);
    case 'compare':
      return comparison(node.operator, compileOperand(node.left), compileOperand(node.right));
    case 'between':
      return between(
        node.negated,
        compileOperand(node.value),
        compileOperand(node.low),
        compileOperand(node.high),
      );
    case 'isNull':
      return isNull(compileOperand(node.operand));
    case 'in':
      return (lookup) => {
        const value = lookup(node.name);
        return value === undefined ? undefined : node.values.has(value);
      };
    case 'text':
      return textSearch(node.operator, node.negated, compileOperand(node.operand), node.search);
  }
}

function compileOperand(node: SqlNode): Operand {
  switch (node.type) {
    case 'property':
      return (lookup) => lookup(node.name);
    case 'literal':
      return () => node.value;
    case 'negate': {
      const operand = compileOperand(node.operand);
      return (lookup) => {
        const value = operand(lookup);
        if (value === FAILED) return FAILED;
        return typeof value === 'object' ? negateNumber(value) : undefined;
      };
    }
    default:
      return compileCondition(node);
  }
}

function negation(operand: Condition): Condition {
  return (lookup) => {
    const truth = operand(lookup);
    return typeof truth === 'boolean' ? !truth : truth;
  };
}

/** AND and OR from left to right: what decides ends it, so that a failure behind it stays unseen. */
function connection(operands: readonly Condition[], deciding: boolean): Condition {
  return (lookup) => {
    let unknown = false;
    for (const operand of operands) {
      const truth = operand(lookup);
      if (truth === deciding || truth === FAILED) return truth;
      if (truth === undefined) unknown = true;
    }
    return unknown ? undefined : !deciding;
  };
}

function comparison(operator: CompareOperator, left: Operand, right: Operand): Condition {
  if (operator === '=') return equality(left, right);
  const holds = orders[operator];
  return (lookup) => ordered(left(lookup), right, holds, lookup);
}

/** NULL equals NULL; before a value it makes UNKNOWN and behind one FALSE. */
function equality(left: Operand, right: Operand): Condition {
  return (lookup) => {
    const a = left(lookup);
    if (a === FAILED) return FAILED;
    const b = right(lookup);
    if (b === FAILED) return FAILED;
    if (a === undefined) return b === undefined ? true : undefined;
    if (b === undefined) return false;
    const order = compareValues(a, b);
    return order === FAILED ? FAILED : order === 0;
  };
}

function between(negated: boolean, value: Operand, low: Operand, high: Operand): Condition {
  const [first, second] = negated ? [orders['<'], orders['>']] : [orders['>='], orders['<=']];
  return (lookup) => {
    const of = value(lookup);
    const byLow = ordered(of, low, first, lookup);
    if (byLow === FAILED || byLow === negated) return byLow;
    const byHigh = ordered(of, high, second, lookup);
    if (byHigh === FAILED || byHigh === negated) return byHigh;
    return byLow === undefined || byHigh === undefined ? undefined : !negated;
  };
}

const orders = {
  '>': (order: number): boolean => order > 0,
  '>=': (order: number): boolean => order >= 0,
  '<': (order: number): boolean => order < 0,
  '<=': (order: number): boolean => order <= 0,
};

/** The right side is looked at only if the left is not NULL. */
function ordered(
  left: SqlValue | Failed,
  right: Operand,
  holds: (order: number) => boolean,
  lookup: PropertyLookup,
): Truth {
  if (left === FAILED || left === undefined) return left;
  const value = right(lookup);
  if (value === FAILED || value === undefined) return value;
  const order = compareOrdered(left, value);
  return order === FAILED ? FAILED : holds(order);
}

function isNull(operand: Operand): Condition {
  return (lookup) => {
    const value = operand(lookup);
    return value === FAILED ? FAILED : value === undefined;
  };
}

/** FALSE for what is no text and for an empty search, negated or not; the latter doesn't look at its operand. */
function textSearch(operator: TextOperator, negated: boolean, operand: Operand, search: string): Condition {
  if (search === '') return () => false;
  const found = searches[operator];
  return (lookup) => {
    const value = operand(lookup);
    if (value === FAILED) return FAILED;
    return typeof value === 'string' && found(value, search) !== negated;
  };
}

const searches: Record<TextOperator, (text: string, search: string) => boolean> = {
  CONTAINS: (text, search) => text.includes(search),
  STARTSWITH: (text, search) => text.startsWith(search),
  ENDSWITH: (text, search) => text.endsWith(search),
};
