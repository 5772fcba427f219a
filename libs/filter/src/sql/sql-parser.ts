import { betweenProblem, decimalLiteral, equalProblem, floatLiteral, orderedProblem } from './sql-checks.ts';
import { sqlError } from './sql-error.ts';
import { SqlLexer, stringValue, type Token, type TokenKind } from './sql-lexer.ts';
import type { SqlLimits } from './sql-limits.ts';
import { isCondition, type CompareOperator, type SqlCondition, type SqlNode } from './sql-node.ts';

/** What was made of an expression. */
export interface ParsedSql {
  readonly condition: SqlCondition;
  /** Names of the properties it looks at, in the order of their first use. */
  readonly propertyNames: readonly string[];
  /** Where the text begins that no longer belongs to it. */
  readonly end: number;
}

/**
 * The grammar of RocketMQ's `SelectorParser`, by descent:
 *
 *     or          and (OR and)*
 *     and         equality (AND equality)*
 *     equality    comparison (= comparison | <> comparison | IS [NOT] NULL)*
 *     comparison  unary (> unary | >= unary | < unary | <= unary | [NOT] BETWEEN unary AND unary
 *                        | [NOT] IN (string, ...) | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) string)*
 *     unary       + unary | - unary | NOT unary | primary
 *     primary     string | number | TRUE | FALSE | NULL | name | ( or )
 *
 * So `NOT a = 1` is `(NOT a) = 1`. Nothing says that the text ends with the expression: what follows is left.
 * Throws RocketMQError `INVALID_ARGUMENT`, response code 23.
 */
export function parseSql(expression: string, limits: SqlLimits): ParsedSql {
  return new SqlParser(expression, limits).parse();
}

class SqlParser {
  readonly #expression: string;
  readonly #limits: SqlLimits;
  readonly #lexer: SqlLexer;
  readonly #names = new Set<string>();
  /** How deep each node is that others may be made of. */
  readonly #depths = new WeakMap<SqlNode, number>();
  #token: Token;
  #nesting = 0;
  #nodes = 0;

  constructor(expression: string, limits: SqlLimits) {
    this.#expression = expression;
    this.#limits = limits;
    this.#lexer = new SqlLexer(expression);
    this.#token = this.#lexer.next();
  }

  parse(): ParsedSql {
    const condition = this.#condition(this.#or(), 0);
    return { condition, propertyNames: [...this.#names], end: this.#token.position };
  }

  #or(): SqlNode {
    return this.#chain('OR', 'or', () => this.#and());
  }

  #and(): SqlNode {
    return this.#chain('AND', 'and', () => this.#equality());
  }

  #chain(keyword: TokenKind, type: 'and' | 'or', operand: () => SqlNode): SqlNode {
    const start = this.#token.position;
    const first = operand();
    if (this.#token.kind !== keyword) return first;
    const operands = [this.#condition(first, start)];
    while (this.#take(keyword)) {
      const { position } = this.#token;
      operands.push(this.#condition(operand(), position));
    }
    return this.#made({ type, operands }, operands);
  }

  #equality(): SqlNode {
    let left = this.#comparison();
    for (;;) {
      const { kind, position } = this.#token;
      if (kind === '=' || kind === '<>') {
        this.#advance();
        const right = this.#comparison();
        this.#refuse(equalProblem(left, right), position);
        const equal = this.#compare('=', left, right);
        left = kind === '=' ? equal : this.#not(equal);
      } else if (this.#take('IS')) {
        const negated = this.#take('NOT');
        this.#expect('NULL', negated ? 'NULL' : 'NULL or NOT NULL');
        const isNull = this.#made({ type: 'isNull', operand: left }, [left]);
        left = negated ? this.#not(isNull) : isNull;
      } else return left;
    }
  }

  #comparison(): SqlNode {
    let left = this.#unary();
    for (;;) {
      const { kind, position } = this.#token;
      switch (kind) {
        case '>':
        case '>=':
        case '<':
        case '<=': {
          this.#advance();
          const right = this.#unary();
          this.#refuse(orderedProblem(left) ?? orderedProblem(right), position);
          left = this.#compare(kind, left, right);
          break;
        }
        case 'NOT':
        case 'BETWEEN':
        case 'IN':
        case 'CONTAINS':
        case 'STARTSWITH':
        case 'ENDSWITH':
          left = this.#predicate(left, this.#take('NOT'));
          break;
        default:
          return left;
      }
    }
  }

  #predicate(left: SqlNode, negated: boolean): SqlCondition {
    const { kind, position } = this.#token;
    switch (kind) {
      case 'BETWEEN': {
        this.#advance();
        const low = this.#unary();
        this.#expect('AND', 'the AND of BETWEEN');
        const high = this.#unary();
        this.#refuse(negated ? undefined : betweenProblem(low, high), position);
        this.#refuse(orderedProblem(left) ?? orderedProblem(low) ?? orderedProblem(high), position);
        return this.#made({ type: 'between', negated, value: left, low, high }, [left, low, high]);
      }
      case 'IN': {
        this.#advance();
        const values = this.#strings();
        if (left.type !== 'property') throw this.#error('IN asks for a property on its left', position);
        const isIn = this.#made({ type: 'in', name: left.name, values }, [left]);
        return negated ? this.#not(isIn) : isIn;
      }
      case 'CONTAINS':
      case 'STARTSWITH':
      case 'ENDSWITH': {
        this.#advance();
        const search = this.#string();
        return this.#made({ type: 'text', operator: kind, negated, operand: left, search }, [left]);
      }
      default:
        throw this.#unexpected('BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH');
    }
  }

  #unary(): SqlNode {
    this.#nesting++;
    if (this.#nesting > this.#limits.maxDepth) throw this.#tooDeep();
    const node = this.#unaryInside();
    this.#nesting--;
    return node;
  }

  #unaryInside(): SqlNode {
    if (this.#take('+')) return this.#unary();
    if (this.#take('-')) {
      const operand = this.#unary();
      return this.#made({ type: 'negate', operand }, [operand]);
    }
    if (this.#take('NOT')) {
      const { position } = this.#token;
      return this.#not(this.#condition(this.#unary(), position));
    }
    return this.#primary();
  }

  #primary(): SqlNode {
    const { kind, text, position } = this.#token;
    switch (kind) {
      case '(': {
        this.#advance();
        const inside = this.#or();
        this.#expect(')', ')');
        return inside;
      }
      case 'ID':
        this.#advance();
        this.#names.add(text);
        return this.#made({ type: 'property', name: text }, []);
      case 'STRING':
        this.#advance();
        return this.#made({ type: 'literal', value: stringValue(text) }, []);
      case 'DECIMAL':
      case 'FLOAT': {
        const value = kind === 'DECIMAL' ? decimalLiteral(text) : floatLiteral(text);
        if (!value) throw this.#error(outOfRange(kind), position);
        this.#advance();
        return this.#made({ type: 'literal', value }, []);
      }
      case 'TRUE':
      case 'FALSE':
      case 'NULL':
        this.#advance();
        return this.#made({ type: 'truth', value: kind === 'NULL' ? undefined : kind === 'TRUE' }, []);
      default:
        throw this.#unexpected('a property, a constant, NOT, -, + or (');
    }
  }

  #strings(): Set<string> {
    this.#expect('(', '(');
    const values = new Set([this.#string()]);
    while (this.#take(',')) values.add(this.#string());
    this.#expect(')', ', or )');
    return values;
  }

  #string(): string {
    const { text } = this.#token;
    this.#expect('STRING', "a text in '...'");
    return stringValue(text);
  }

  #compare(operator: CompareOperator, left: SqlNode, right: SqlNode): SqlCondition {
    return this.#made({ type: 'compare', operator, left, right }, [left, right]);
  }

  #not(operand: SqlCondition): SqlCondition {
    return this.#made({ type: 'not', operand }, [operand]);
  }

  #condition(node: SqlNode, position: number): SqlCondition {
    if (isCondition(node)) return node;
    if (node.type === 'property') return this.#made({ type: 'bare', name: node.name }, [node]);
    throw this.#error('a condition is wanted where this has no truth; compare it with something', position);
  }

  #made<T extends SqlNode>(node: T, operands: readonly SqlNode[]): T {
    this.#nodes++;
    if (this.#nodes > this.#limits.maxNodes) {
      const what = `more than ${this.#limits.maxNodes} operators, properties and constants`;
      throw this.#error(what, this.#token.position);
    }
    let depth = 1;
    for (const operand of operands) depth = Math.max(depth, 1 + (this.#depths.get(operand) ?? 0));
    if (depth > this.#limits.maxDepth) throw this.#tooDeep();
    this.#depths.set(node, depth);
    return node;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #take(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false;
    this.#advance();
    return true;
  }

  #expect(kind: TokenKind, wanted: string): void {
    if (!this.#take(kind)) throw this.#unexpected(wanted);
  }

  #refuse(problem: string | undefined, position: number): void {
    if (problem !== undefined) throw this.#error(problem, position);
  }

  #unexpected(wanted: string): Error {
    return this.#error(`expected ${wanted}`, this.#token.position);
  }

  #tooDeep(): Error {
    return this.#error(`nested deeper than ${this.#limits.maxDepth}`, this.#token.position);
  }

  #error(what: string, position: number): Error {
    return sqlError(this.#expression, position, what);
  }
}

function outOfRange(kind: 'DECIMAL' | 'FLOAT'): string {
  return kind === 'DECIMAL'
    ? 'a whole number beyond 64 bits'
    : 'a floating point number that no double above 0 holds (write 0, not 0.0)';
}
