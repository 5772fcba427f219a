import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { javaHashCode } from '@nest-rocketmq/protocol';
import { buildSubscription, matchesTag, matchesTagsCode } from './index.ts';

interface GoldenSubscription {
  kind: string;
  inputs: { topic: string; expression: string; type: string; subVersion: number };
  text: string;
}

const golden = Object.entries(
  JSON.parse(
    readFileSync(new URL('../../../test/interop/golden/text.json', import.meta.url), 'utf8'),
  ) as Record<string, GoldenSubscription>,
).filter(([, entry]) => entry.kind === 'subscription');

describe('buildSubscription', () => {
  it.each(golden)("makes the %s as Java's FilterAPI does", (_name, { inputs, text }) => {
    const subscription = buildSubscription(inputs.topic, inputs.expression, inputs.type);
    const expected = JSON.parse(text) as { tagsSet: string[]; codeSet: number[] };
    expect({
      ...subscription,
      subVersion: inputs.subVersion,
      tagsSet: subscription.tagsSet.toSorted(),
      codeSet: new Set(subscription.codeSet),
    }).toEqual({
      ...expected,
      tagsSet: expected.tagsSet.toSorted(),
      codeSet: new Set(expected.codeSet),
    });
  });

  it.each(['||', '||||'])('refuses %s, which names no tag', (expression) => {
    expect(() => buildSubscription('T', expression)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', responseCode: 23 }),
    );
  });

  it('refuses an empty expression of another type', () => {
    expect(() => buildSubscription('T', '', 'SQL92')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('takes tags whose hashes collide once each', () => {
    expect(buildSubscription('T', 'Aa || BB')).toMatchObject({ tagsSet: ['Aa', 'BB'], codeSet: [2112] });
  });
});

describe('matching', () => {
  const all = buildSubscription('T', '*');
  const some = buildSubscription('T', 'a || Aa');
  const blank = buildSubscription('T', ' ');
  const sql = buildSubscription('T', 'a > 5', 'SQL92');
  const classes = { ...some, classFilterMode: true };

  it('by hash lets everything pass that may be wanted', () => {
    const codes = [javaHashCode('a'), javaHashCode('BB'), javaHashCode('b'), 0];
    const passed = (subscription: typeof all) => codes.map((code) => matchesTagsCode(subscription, code));
    expect(passed(all)).toEqual([true, true, true, true]);
    expect(passed(some)).toEqual([true, true, false, false]);
    expect(passed(blank)).toEqual([false, false, false, false]);
    expect(passed(sql)).toEqual([true, true, true, true]);
    expect(passed(classes)).toEqual([true, true, true, true]);
  });

  it('by hash looks at the low 32 bits, as the consume queue holds 64', () => {
    const code = javaHashCode('polygenelubricants');
    const subscription = buildSubscription('T', 'polygenelubricants');
    expect([
      code < 0,
      matchesTagsCode(subscription, code),
      matchesTagsCode(subscription, code + 2 ** 32),
    ]).toEqual([true, true, true]);
  });

  it('by tag takes what was asked for, and nothing that only hashes alike', () => {
    const passed = (subscription: typeof all) =>
      ['a', 'Aa', 'BB', undefined].map((tag) => matchesTag(subscription, tag));
    expect(passed(all)).toEqual([true, true, true, true]);
    expect(passed(some)).toEqual([true, true, false, false]);
    expect(passed(sql)).toEqual([true, true, true, true]);
    expect(passed(classes)).toEqual([true, true, true, true]);
  });
});
