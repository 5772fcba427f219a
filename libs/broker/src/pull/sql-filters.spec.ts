import { encodeProperties } from '@nest-rocketmq/protocol';
import type { PropertiesView } from '@nest-rocketmq/store';
import { SqlFilters } from './sql-filters.ts';

/** Properties amid other bytes of a record, as the store shows them. */
function view(properties: Record<string, string>): PropertiesView {
  const text = encodeProperties(new Map(Object.entries(properties)));
  const bytes = Buffer.concat([Buffer.from('n\u00015\u0002'), text, Buffer.from('n\u00016\u0002')]);
  return { bytes, start: 4, end: 4 + text.length };
}

describe('SqlFilters', () => {
  it('judges properties as they stand in a record', () => {
    const filter = new SqlFilters().compile("n > 3 AND who = '订单😀'", 'SQL92');
    const wanted = [{ n: '4', who: '订单😀' }, { n: '3', who: '订单😀' }, { who: '订单😀' }, { n: '9' }, {}];
    expect(wanted.map((properties) => filter(view(properties as Record<string, string>)))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['few', ''],
    ['many', Array.from({ length: 20 }, (_, i) => ` OR x${i} = 1`).join('')],
  ])(
    'takes an empty value for a missing one, and the last of equal names, as RocketMQ decodes them: %s names',
    (_, more) => {
      const bytes = Buffer.from('c\u00013\u0002a\u00011\u0002b\u0001\u0002a\u00012\u0002c\u00014\u0002');
      const end = bytes.length - 4;
      const of = (expression: string): boolean =>
        new SqlFilters().compile(expression + more, 'SQL92')({ bytes, start: 4, end });
      expect([of('a = 2'), of('b IS NULL'), of('a = 1'), of('c IS NULL')]).toEqual([true, true, false, true]);
    },
  );

  it('compiles an expression once', () => {
    const filters = new SqlFilters();
    expect(filters.compile('a > 1', 'SQL92')).toBe(filters.compile('a > 1', 'SQL92'));
    expect(filters.size).toBe(1);
  });

  it('keeps as much text as it may, and of it what was used last', () => {
    const filters = new SqlFilters(15);
    const first = filters.compile('a > 1', 'SQL92');
    const second = filters.compile('b > 1', 'SQL92');
    filters.compile('c > 1', 'SQL92');
    expect(filters.compile('a > 1', 'SQL92')).toBe(first);
    filters.compile('d > 1', 'SQL92');
    expect([filters.size, filters.compile('a > 1', 'SQL92') === first]).toEqual([3, true]);
    expect(filters.compile('b > 1', 'SQL92')).not.toBe(second);
  });

  it.each([
    ['a >', 'SQL92'],
    ['', 'SQL92'],
    ['a > 1', 'sql92'],
    ['a > 1', '\u001b[31m'],
  ])('refuses %j as %j with code 23, and keeps nothing of it', (expression, type) => {
    const filters = new SqlFilters();
    expect(() => filters.compile(expression, type)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', responseCode: 23 }),
    );
    expect(filters.size).toBe(0);
  });
});
