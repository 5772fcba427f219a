import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { compileSql } from './compile-sql.ts';

/** A condition over properties that are "1" or missing; it can't fail. */
type Tree =
  { op: 'leaf'; name: string } | { op: 'not'; of: Tree } | { op: 'and' | 'or'; left: Tree; right: Tree };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.record({ op: fc.constant('leaf' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ op: fc.constant('not' as const), of: tie('tree') }),
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), left: tie('tree'), right: tie('tree') }),
  ),
}));

const message = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));

describe('random expressions', () => {
  it('mean the same with the parentheses that precedence asks for and with all of them', () => {
    fc.assert(
      fc.property(tree, message, (one, properties) => {
        const lookup = lookupIn(properties);
        const expected = meaning(one, lookup);
        expect(compileSql(sparse(one, 0)).evaluate(lookup)).toBe(expected);
        expect(compileSql(full(one)).evaluate(lookup)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('order two numbers as numbers do, whatever their types', () => {
    const number = fc.oneof(
      fc.integer({ min: 0 }),
      fc.bigInt({ min: 0n, max: 2n ** 53n }),
      fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
    );
    fc.assert(
      fc.property(number, number, (a, b) => {
        const says = (operator: string): string =>
          compileSql(`${literal(a)} ${operator} ${literal(b)}`).evaluate(none);
        const [x, y] = [Number(a), Number(b)];
        expect(['<', '<=', '=', '>=', '>', '<>'].map(says)).toEqual(
          [x < y, x <= y, x === y, x >= y, x > y, x !== y].map((holds) => String(holds).toUpperCase()),
        );
      }),
    );
  });

  it('find any text by itself', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary' }),
        (text, around) => {
          const quoted = `'${text.replaceAll("'", "''")}'`;
          const whole = lookupIn({ a: text });
          const inside = lookupIn({ a: around + text + around });
          expect(compileSql(`a = ${quoted}`).matches(whole)).toBe(true);
          expect(compileSql(`a IN ('', ${quoted})`).matches(whole)).toBe(true);
          expect(compileSql(`a STARTSWITH ${quoted} AND a ENDSWITH ${quoted}`).matches(whole)).toBe(true);
          expect(compileSql(`a CONTAINS ${quoted}`).matches(inside)).toBe(true);
        },
      ),
    );
  });

  it('are refused with the typed error or evaluated, garbage as they may be', () => {
    const words = 'a|NOT | AND | OR | BETWEEN | IN | IS |NULL|TRUE| CONTAINS '.split('|');
    const signs = "( ) , ' 'x' = <> < >= + - -- /* */ 0 1 . e5 l #".split(' ');
    const piece = fc.constantFrom(...words, ...signs, '\n', '\ud800');
    const garbage = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(garbage, fc.option(fc.string(), { nil: undefined }), (expression, value) => {
        expect(['TRUE', 'FALSE', 'UNKNOWN', 'FAILED', 'refused']).toContain(outcome(expression, () => value));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['((((', '('],
    ['NOT NOT', 'NOT '],
    ["''''", "''"],
    ['/*/*', '/*'],
    ['/**//**/', '/**/'],
    ['----', '-'],
    ['1111', '1'],
    ['a=a=a', 'a='],
    ["a IN ('", "a IN ('x',"],
    ['a OR a', 'a OR '],
    ['--5 AND', '--5=a AND '],
  ])('of the longest length end quickly: %s', (_name, unit) => {
    const expression = unit.repeat(Math.floor(65_536 / unit.length));
    const start = performance.now();
    outcome(expression, () => '1');
    expect(performance.now() - start).toBeLessThan(500);
  });

  it.each(['1', ' ', '0x1', '0x1.', '1.', 'e', '-', '\u0660'])(
    'read the longest property quickly: %j over and over',
    (unit) => {
      const value = `${unit.repeat(32_767 / unit.length)}x`;
      const start = performance.now();
      for (const expression of ['a = 1', 'a = 1.5', 'a = 2147483648', 'a < a'])
        outcome(expression, () => value);
      expect(performance.now() - start).toBeLessThan(500);
    },
  );
});

function outcome(expression: string, lookup: () => string | undefined): string {
  try {
    return compileSql(expression).evaluate(lookup);
  } catch (error) {
    if (error instanceof RocketMQError && error.responseCode === 23) return 'refused';
    throw error;
  }
}

function meaning(one: Tree, lookup: (name: string) => string | undefined): string {
  const truth = kleene(one, lookup);
  return truth === 0.5 ? 'UNKNOWN' : truth === 1 ? 'TRUE' : 'FALSE';
}

/** Kleene's logic in numbers: 0, 1 and a half for UNKNOWN. */
function kleene(one: Tree, lookup: (name: string) => string | undefined): number {
  switch (one.op) {
    case 'leaf': {
      const value = lookup(one.name);
      return value === undefined ? 0.5 : Number(value === '1');
    }
    case 'not':
      return 1 - kleene(one.of, lookup);
    case 'and':
      return Math.min(kleene(one.left, lookup), kleene(one.right, lookup));
    case 'or':
      return Math.max(kleene(one.left, lookup), kleene(one.right, lookup));
  }
}

function full(one: Tree): string {
  switch (one.op) {
    case 'leaf':
      return `(${one.name} = 1)`;
    case 'not':
      return `(NOT ${full(one.of)})`;
    default:
      return `(${full(one.left)} ${one.op} ${full(one.right)})`;
  }
}

/** OR binds at 1, AND at 2, a comparison at 3 and NOT at 4. */
function sparse(one: Tree, around: number): string {
  const [text, level] = ((): [string, number] => {
    switch (one.op) {
      case 'leaf':
        return [`${one.name}=1`, 3];
      case 'not':
        return [`NOT ${sparse(one.of, 4)}`, 4];
      case 'and':
        return [`${sparse(one.left, 2)} AND ${sparse(one.right, 2)}`, 2];
      case 'or':
        return [`${sparse(one.left, 1)} OR ${sparse(one.right, 1)}`, 1];
    }
  })();
  return level < around ? `(${text})` : text;
}

/** Digits alone would be a whole number, which 64 bits may not hold. */
function literal(value: number | bigint): string {
  return typeof value === 'number' && value >= 2 ** 63 ? value.toExponential() : String(value);
}

function none(): undefined {
  return undefined;
}

function lookupIn(properties: Record<string, string>): (name: string) => string | undefined {
  const map = new Map(Object.entries(properties));
  return (name) => map.get(name);
}
