import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from './json-value.ts';
import { parseJson } from './parse-json.ts';
import { JavaDouble, stringifyJson } from './stringify-json.ts';

/** Maps as plain objects, for comparisons. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
const parse = (text: string) => plain(parseJson(text));

/** Bigints as the nearest numbers, which is what JSON.parse gives. */
function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

describe('parseJson', () => {
  it('agrees with JSON.parse on standard JSON', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'medium' }), fc.nat(4), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(rounded(parse(spaced))).toEqual(JSON.parse(spaced));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{0:"a",-1:"b","2":"c"}', { 0: 'a', '-1': 'b', 2: 'c' }],
    ["{'a':'b\"',c:1,$d_1:2}", { a: 'b"', c: 1, $d_1: 2 }],
    ['{"a":[1,2,],}', { a: [1, 2] }],
    [' [ ] ', []],
    ['"\\u8ba2\\x41\\/"', '\u8ba2A/'],
  ])('reads %s as fastjson does', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it('reads objects as keys, bare and as text alike', () => {
    const bare = parseJson('{{"topic":"T","brokerName":"b","queueId":0}:7}');
    const quoted = parseJson('{"{\\"brokerName\\":\\"b\\",\\"queueId\\":0,\\"topic\\":\\"T\\"}":7}');
    expect(bare).toEqual(quoted);
    expect(plain(bare)).toEqual({ '{"brokerName":"b","queueId":0,"topic":"T"}': 7 });
  });

  it('keeps 64-bit integers exact', () => {
    expect(
      parse('[9007199254740991,9007199254740993,9223372036854775807,-9223372036854775808,1.5,1e3]'),
    ).toEqual([9007199254740991, 9007199254740993n, 9223372036854775807n, -9223372036854775808n, 1.5, 1000]);
  });

  it('does not let keys reach Object.prototype', () => {
    const value = parseJson('{"__proto__":{"polluted":1}}') as Map<string, JsonValue>;
    expect([...value.keys()]).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('resolves references', () => {
    expect(parse('{"a":{"b":[{"x":1},2]},"c":{"$ref":"$.a.b[0]"},"d":{"$ref":"$.a"}}')).toEqual({
      a: { b: [{ x: 1 }, 2] },
      c: { x: 1 },
      d: { b: [{ x: 1 }, 2] },
    });
    const nested = parseJson('{"a":{"b":{"$ref":".."}}}', { maxDepth: 4 });
    expect((nested as Map<string, Map<string, JsonValue>>).get('a')?.get('b')).toBe(nested);
    expect(() => parseJson('{"a":{"$ref":"$.b"}}')).toThrow(/points nowhere/);
  });

  it.each([
    '',
    '{',
    '[1',
    '{"a"}',
    '{"a":}',
    '{"a" 1}',
    '[1 2]',
    '"a',
    '\'a"',
    '{a b:1}',
    'nul',
    'undefined',
    '1]',
    '{}{}',
    '"\\q"',
    '"\\u12"',
    '-',
    '{:1}',
    '[,]',
    '9'.repeat(41),
  ])('refuses %j with where it went wrong', (text) => {
    expect(() => parseJson(text)).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL',
        message: expect.stringMatching(/JSON: .* at character \d+/) as unknown as string,
      }),
    );
  });

  it('refuses what exceeds its limits, soon', () => {
    expect(() => parseJson(Buffer.alloc(11, 0x20), { maxBytes: 10 })).toThrow(/11 bytes, more than the 10/);
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(/nested deeper than 64/);
    expect(() => parseJson(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`)).toThrow(/nested deeper than 64/);
    expect(() => parseJson(`${'{{'.repeat(70)}`)).toThrow(/nested deeper|no key/);
    expect(() => parseJson(`[${'1,'.repeat(100)}]`, { maxValues: 100 })).toThrow(/more than 100 values/);
  });

  it('counts references at the size of what they stand for', () => {
    const entries = Array.from({ length: 300 }, (_, i) => `"k${i}":1`).join(',');
    const references = Array.from({ length: 300 }, () => '{"$ref":"$.a"}').join(',');
    expect(() => parseJson(`{"a":{${entries}},"b":[${references}]}`, { maxValues: 20_000 })).toThrow(
      /too much/,
    );
    // Each doubles the one before.
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `"a${i + 1}":[{"$ref":"$.a${i}"},{"$ref":"$.a${i}"}]`,
    ).join(',');
    expect(() => parseJson(`{"a0":[1],${doubling}}`)).toThrow(/too much/);
  });
});

describe('stringifyJson', () => {
  it('sorts keys, leaves out null and undefined, writes Buffers as base64 and Sets as lists', () => {
    expect(
      stringifyJson({ b: 1, a: undefined, c: null, A: Buffer.from('x'), d: new Set([1, 2]), e: true }),
    ).toBe('{"A":"eA==","b":1,"d":[1,2],"e":true}');
  });

  it('writes number and object keys bare, and quotes them in standard JSON', () => {
    const byNumber = new Map([
      [10, 'b'],
      [2, 'a'],
    ]);
    const byQueue = new Map([[{ topic: 'T', brokerName: 'b', queueId: 0 }, 7]]);
    expect(stringifyJson({ byNumber, byQueue })).toBe(
      '{"byNumber":{2:"a",10:"b"},"byQueue":{{"brokerName":"b","queueId":0,"topic":"T"}:7}}',
    );
    expect(JSON.parse(stringifyJson({ byNumber, byQueue }, { standard: true }))).toEqual({
      byNumber: { 2: 'a', 10: 'b' },
      byQueue: { '{"brokerName":"b","queueId":0,"topic":"T"}': 7 },
    });
  });

  it('writes doubles with a fraction and 64-bit integers whole', () => {
    expect(
      stringifyJson([
        new JavaDouble(0),
        new JavaDouble(1.5),
        new JavaDouble(-3),
        2 ** 53,
        2 ** 63,
        9223372036854775807n,
        -0,
      ]),
    ).toBe('[0.0,1.5,-3.0,9007199254740992,9223372036854775807,9223372036854775807,0]');
  });

  it('escapes as fastjson does; standard JSON is ASCII alone', () => {
    const text = '"\\\b\f\n\r\t\u0001\u001f\u007f\u009f\u2028\u2029/\u00e9\u8ba2\ud83d\ude00\ud800';
    expect(stringifyJson(text)).toBe(
      '"\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F\\u007F\\u009F\\u2028\\u2029/\u00e9\u8ba2\ud83d\ude00\\uD800"',
    );
    const standard = stringifyJson(text, { standard: true });
    expect(standard).toMatch(/^[ -~]+$/);
    expect(JSON.parse(standard)).toBe(text);
  });

  it("writes the pretty form of RocketMQ's configuration files", () => {
    const offsets = new Map([
      [
        'T@G',
        new Map([
          [0, 5],
          [1, 6],
        ]),
      ],
      ['T@H', new Map<number, number>()],
    ]);
    expect(stringifyJson({ offsetTable: offsets, list: [1, { a: 2 }], none: [] }, { pretty: true })).toBe(
      '{\n\t"list":[\n\t\t1,\n\t\t{\n\t\t\t"a":2\n\t\t}\n\t],\n\t"none":[],\n\t"offsetTable":{\n\t\t"T@G":{0:5,1:6\n\t\t},\n\t\t"T@H":{}\n\t}\n}',
    );
  });

  it('is read back by parseJson', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), fc.boolean(), (value, pretty, standard) => {
        const withoutNull = JSON.parse(
          JSON.stringify(value, (_, item: unknown) => (item === null ? 0 : Object.is(item, -0) ? 0 : item)),
        ) as unknown;
        expect(rounded(parse(stringifyJson(withoutNull, { pretty, standard })))).toEqual(withoutNull);
      }),
      { numRuns: 300 },
    );
  });

  it.each([[NaN], [Infinity], [() => 1], [new JavaDouble(NaN)]])('refuses %p', (value) => {
    expect(() => stringifyJson({ value })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses a cycle', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => stringifyJson(cycle)).toThrow(/a cycle/);
  });
});
