import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { compileSql } from './compile-sql.ts';

/** What an expression says of a message of these properties. */
function result(expression: string, properties: Record<string, string> = {}): string {
  return compileSql(expression).evaluate((name) => new Map(Object.entries(properties)).get(name));
}

function wanted(expression: string, properties: Record<string, string>[]): boolean[] {
  const filter = compileSql(expression);
  return properties.map((one) => filter.matches((name) => new Map(Object.entries(one)).get(name)));
}

describe('SQL92 behaviour', () => {
  it('case 30: `a > 5` with a="x" is filtered out, and the messages after it are not', () => {
    expect(wanted('a > 5', [{ a: '6' }, { a: 'x' }, { a: '7' }])).toEqual([true, false, true]);
  });

  it('case 31: `a IS NULL` on a missing property matches', () => {
    expect(wanted('a IS NULL', [{}, { a: '' }])).toEqual([true, false]);
  });

  it("case 32: `NOT (a = 'x')` with a missing does not match", () => {
    expect(wanted("NOT (a = 'x')", [{}, { a: 'y' }])).toEqual([false, true]);
  });

  it("converts a property to the constant's type, and fails where it can't", () => {
    expect([result('n < 0', { n: '-3.5' }), result('n < -1.5', { n: '-3.5' })]).toEqual(['FAILED', 'TRUE']);
    // A constant is a long by its size alone, never by its suffix.
    expect(
      ['n > 3', 'n > 3l', 'n < 3000000001'].map((expression) => result(expression, { n: '3000000000' })),
    ).toEqual(['FAILED', 'FAILED', 'TRUE']);
  });

  it('fails as a whole, unless what comes before has decided', () => {
    const properties = { n: 'x', s: 'blue' };
    expect(result("n = 1 OR s = 'blue'", properties)).toBe('FAILED');
    expect(result("s = 'blue' OR n = 1", properties)).toBe('TRUE');
    expect(result("s = 'red' AND n = 1", properties)).toBe('FALSE');
  });

  it.each(['n >', '1 + 1', 'n == 1', 'n = 0.0', '', '   '])('refuses `%s`', (expression) => {
    expect(() => compileSql(expression)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', responseCode: 23 }),
    );
  });

  it('leaves what follows a complete expression unread, and says so', () => {
    expect(compileSql("n LIKE 'x'").ignored).toBe("LIKE 'x'");
    expect(compileSql("n LIKE 'x").ignored).toBe("LIKE 'x");
    expect(compileSql('n = 1 /* all of it */ ').ignored).toBe('');
    expect(() => compileSql('n = 1;')).toThrow('a character that starts no token');
  });

  it('takes a bare property for FALSE, even "true"', () => {
    expect([result('p', { p: 'true' }), result('p'), result('p = TRUE', { p: 'true' })]).toEqual([
      'FALSE',
      'UNKNOWN',
      'TRUE',
    ]);
  });

  it('tells apart on which side of `=` a property is missing', () => {
    expect([result("a = 'x'"), result("'x' = a"), result("a <> 'x'"), result("'x' <> a")]).toEqual([
      'UNKNOWN',
      'FALSE',
      'UNKNOWN',
      'TRUE',
    ]);
    expect(result('a = b')).toBe('TRUE');
  });

  it('binds NOT closer than a comparison', () => {
    expect(() => compileSql('NOT a > 1')).toThrow('only numbers and properties have an order');
    expect(result('NOT a = TRUE', { a: 'x' })).toBe('TRUE');
  });
});

const TRUTHS = ['TRUE', 'FALSE', 'UNKNOWN', 'FAILED'] as const;
const T = 'TRUE';
const F = 'FALSE';
const U = 'UNKNOWN';
const X = 'FAILED';
const written = { TRUE: '(t = 1)', FALSE: '(t = 2)', UNKNOWN: '(u = 1)', FAILED: '(x = 1)' };
const properties = { t: '1', x: 'text' };

describe('three-valued logic', () => {
  it.each([
    ['AND', { TRUE: [T, F, U, X], FALSE: [F, F, F, F], UNKNOWN: [U, F, U, X], FAILED: [X, X, X, X] }],
    ['OR', { TRUE: [T, T, T, T], FALSE: [T, F, U, X], UNKNOWN: [T, U, U, X], FAILED: [X, X, X, X] }],
    // UNKNOWN is NULL: equal to itself, and a truth equals it never.
    ['=', { TRUE: [T, F, F, X], FALSE: [F, T, F, X], UNKNOWN: [U, U, T, X], FAILED: [X, X, X, X] }],
    ['<>', { TRUE: [F, T, T, X], FALSE: [T, F, T, X], UNKNOWN: [U, U, F, X], FAILED: [X, X, X, X] }],
  ])('%s', (operator, table) => {
    for (const left of TRUTHS) {
      const row = TRUTHS.map((right) => result(`${written[left]} ${operator} ${written[right]}`, properties));
      expect([left, ...row]).toEqual([left, ...table[left]]);
    }
  });

  it.each([
    ['NOT %', [F, T, U, X]],
    ['% IS NULL', [F, F, T, X]],
    ['% IS NOT NULL', [T, T, F, X]],
    ['-% IS NULL', [T, T, T, X]],
    ["% CONTAINS 't'", [F, F, F, X]],
    ["% NOT CONTAINS 't'", [F, F, F, X]],
  ])('%s', (pattern, row) => {
    expect(TRUTHS.map((truth) => result(pattern.replace('%', written[truth]), properties))).toEqual(row);
  });
});

describe('operators over a property that is missing, that holds 5, and that holds text', () => {
  it.each([
    ['a = 5', [U, T, X]],
    ['a <> 5', [U, F, X]],
    ['a > 4', [U, T, X]],
    ['a >= 5', [U, T, X]],
    ['a < 5', [U, F, X]],
    ['a <= 5.5', [U, T, X]],
    ['5 < a', [U, F, X]],
    ['5 = a', [F, T, X]],
    ['a > b', [U, U, U]],
    ["a = 'text'", [U, F, T]],
    ["a > '4'", undefined],
    ['a = TRUE', [U, F, F]],
    ['a = FALSE', [U, T, T]],
    ['TRUE = a', [F, X, X]],
    ['a = NULL', undefined],
    ['a BETWEEN 1 AND 5', [U, T, X]],
    ['a NOT BETWEEN 1 AND 5', [U, F, X]],
    ['a BETWEEN 6 AND b', [U, F, X]],
    ['a BETWEEN 5 AND b', [U, U, X]],
    ['a NOT BETWEEN 6 AND b', [U, T, X]],
    ['a BETWEEN 5 AND 1', undefined],
    ['a NOT BETWEEN 5 AND 1', [U, T, X]],
    ['a BETWEEN 5 AND -1', [U, F, X]],
    ['a BETWEEN NULL AND 5', undefined],
    ["a IN ('5', 'x')", [U, T, F]],
    ["a NOT IN ('5', 'x')", [U, F, T]],
    ['a IN (5)', undefined],
    ["'5' IN ('5')", undefined],
    ['a IS NULL', [T, F, F]],
    ['a IS NOT NULL', [F, T, T]],
    ["a CONTAINS 'ex'", [F, F, T]],
    ["a NOT CONTAINS 'ex'", [F, T, F]],
    ["a STARTSWITH 'te'", [F, F, T]],
    ["a NOT STARTSWITH 'te'", [F, T, F]],
    ["a ENDSWITH 'xt'", [F, F, T]],
    ["a NOT ENDSWITH 'xt'", [F, T, F]],
    ["a CONTAINS ''", [F, F, F]],
    ["a NOT CONTAINS ''", [F, F, F]],
    ['a CONTAINS b', undefined],
    ['-a = 5', [U, U, U]],
    ['+a = 5', [U, T, X]],
    ['- -5 = a', [F, T, X]],
  ])('%s', (expression, row) => {
    const all: Record<string, string>[] = [{}, { a: '5' }, { a: 'text' }];
    expect(outcomes(expression, all)).toEqual(row ?? 'refused');
  });
});

/** What an expression says of each, or that it was refused. */
function outcomes(expression: string, messages: Record<string, string>[]): string[] | 'refused' {
  try {
    return messages.map((one) => result(expression, one));
  } catch (error) {
    if (error instanceof RocketMQError && error.responseCode === 23) return 'refused';
    throw error;
  }
}

describe('errors', () => {
  it.each([
    ['a = 1 AND\n  b > ', 'expected a property, a constant, NOT, -, + or ( (line 2, column 7, at its end)'],
    ["a > 'x'", 'only numbers and properties have an order (line 1, column 3, near "> \'x\'")'],
    ['a = NULL', 'nothing equals NULL; write IS NULL or IS NOT NULL (line 1, column 3'],
    [
      'a = 1 OR 5',
      'a condition is wanted where this has no truth; compare it with something (line 1, column 10',
    ],
    ['5', 'a condition is wanted where this has no truth'],
    ['a BETWEEN 5 AND 1', 'BETWEEN needs the lower bound first (line 1, column 3'],
    ['TRUE = 5', 'TRUE and FALSE have no number or text to equal'],
    ["(a = 1) IN ('x')", 'IN asks for a property on its left (line 1, column 9'],
    ["a = 'x", "a string without its closing ' (line 1, column 5"],
    ['a /* = 1', 'a comment without its closing */ (line 1, column 3'],
    ['a = 9223372036854775808', 'a whole number beyond 64 bits (line 1, column 5'],
    ['a = 0.0', '(write 0, not 0.0)'],
    ['a \u0007', 'near "\\x07"'],
  ])('of %j name what is wrong and where', (expression, message) => {
    expect(() => compileSql(expression)).toThrow(message);
  });
});

describe('limits', () => {
  it('refuses a longer expression before reading it', () => {
    const long = `a = '${'x'.repeat(70_000)}'`;
    expect(() => compileSql(long)).toThrow('70006 characters, of at most 65536');
    expect(compileSql(long, { maxLength: 80_000 }).propertyNames).toEqual(['a']);
  });

  it.each([
    ['parentheses', `${'('.repeat(256)}TRUE${')'.repeat(256)}`],
    ['signs', `${'-'.repeat(256)}a = 1`],
    ['NOT', `${'NOT '.repeat(256)}TRUE`],
    ['comparisons in a row', `TRUE${' = TRUE'.repeat(256)}`],
    ['IS NULL in a row', `a${' IS NULL'.repeat(256)}`],
    ['rows in parentheses', `${'('.repeat(100)}TRUE${' = TRUE = TRUE = TRUE)'.repeat(100)}`],
  ])('refuses too many %s', (_what, expression) => {
    expect(() => compileSql(expression)).toThrow('nested deeper than 256');
    expect(compileSql(expression, { maxDepth: 400 })).toMatchObject({ ignored: '' });
  });

  it('bounds the operators, not the length of a chain or a list', () => {
    const chain = (length: number): string => Array.from({ length }, () => 'a = 1').join(' OR ');
    expect(result(chain(1_300), { a: '1' })).toBe('TRUE');
    expect(() => compileSql(chain(1_400))).toThrow('more than 4096 operators');
    const list = Array.from({ length: 5_000 }, (_, index) => `'${index}'`).join(',');
    expect(result(`a IN (${list})`, { a: '4999' })).toBe('TRUE');
  });

  it('evaluates a BETWEEN within a BETWEEN once each', () => {
    let nested = 'a BETWEEN 1 AND 2';
    for (let depth = 0; depth < 60; depth++) nested = `-(${nested}) BETWEEN 1 AND 2`;
    let lookups = 0;
    compileSql(nested).matches(() => {
      lookups++;
      return '1';
    });
    expect(lookups).toBe(1);
  });
});

it('names each property once, in the order of use', () => {
  expect(compileSql("b = 1 AND a IN ('x') OR b IS NULL AND NOT c").propertyNames).toEqual(['b', 'a', 'c']);
});
