import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { compileSql } from './compile-sql.ts';

/** What RocketMQ 5.5.0's own filter said: `test/interop/golden/Sql92.java` writes it. */
interface GoldenCase {
  expression: string;
  properties: Record<string, string>;
  /** TRUE, FALSE, UNKNOWN, or FAILED where the evaluation threw. */
  result?: string;
  /** The class of the exception that refused the expression. */
  error?: string;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/interop/golden/sql92.json', import.meta.url), 'utf8'),
) as GoldenCase[];

describe("compileSql against RocketMQ's own filter", () => {
  it('has cases of every outcome', () => {
    const outcomes = new Set(golden.map((one) => one.result ?? 'refused'));
    expect([...outcomes].toSorted()).toEqual(['FAILED', 'FALSE', 'TRUE', 'UNKNOWN', 'refused']);
  });

  it('says the same of every recorded case', () => {
    expect(golden.map((one) => ({ ...one, result: ours(one) }))).toEqual(
      golden.map((one) => ({ ...one, result: one.result ?? 'refused' })),
    );
  });

  it('wants only what is TRUE', () => {
    for (const one of golden) {
      if (one.result === undefined) continue;
      const wanted = compileSql(one.expression).matches(lookupIn(one.properties));
      expect([one.expression, one.properties, wanted]).toEqual([
        one.expression,
        one.properties,
        one.result === 'TRUE',
      ]);
    }
  });

  it('looks up no property but those it names', () => {
    for (const one of golden) {
      if (one.result === undefined) continue;
      const filter = compileSql(one.expression);
      const asked = new Set<string>();
      filter.matches((name) => {
        asked.add(name);
        return one.properties[name];
      });
      expect(filter.propertyNames).toEqual(expect.arrayContaining([...asked]));
    }
  });
});

function ours({ expression, properties }: GoldenCase): string {
  try {
    return compileSql(expression).evaluate(lookupIn(properties));
  } catch (error) {
    if (error instanceof RocketMQError && error.responseCode === 23) return 'refused';
    throw error;
  }
}

function lookupIn(properties: Record<string, string>): (name: string) => string | undefined {
  const map = new Map(Object.entries(properties));
  return (name) => map.get(name);
}
