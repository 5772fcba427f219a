import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { parseJavaDouble, parseJavaInt, parseJavaLong } from './java-number.ts';

describe('parseJavaInt and parseJavaLong', () => {
  it.each([
    ['0', 0],
    ['+5', 5],
    ['-5', -5],
    ['-0', 0],
    ['007', 7],
    ['999999999', 999999999],
    ['-999999999', -999999999],
    ['1000000000', 1000000000],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
    ['٣', 3],
    ['-१२', -12],
    ['９', 9],
    ['᥏', 9],
  ])('read %s', (text, value) => {
    expect([parseJavaInt(text), parseJavaLong(text)]).toEqual([value, BigInt(value)]);
  });

  it.each(['', '+', '-', ' 5', '5 ', '--5', '+-5', '5L', '5.0', '0x5', '1e3', '1_0', '𝟓', 'NaN', '½', '5-'])(
    'refuse %j',
    (text) => {
      expect([parseJavaInt(text), parseJavaLong(text)]).toEqual([undefined, undefined]);
    },
  );

  it('hold 32 and 64 bits', () => {
    expect(['2147483648', '-2147483649'].map(parseJavaInt)).toEqual([undefined, undefined]);
    expect(['9223372036854775807', '-9223372036854775808'].map(parseJavaLong)).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
    expect(['9223372036854775808', '-9223372036854775809', '1'.repeat(500)].map(parseJavaLong)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('read back every long', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(parseJavaLong(String(value))).toBe(value);
      }),
    );
  });
});

describe('parseJavaDouble', () => {
  it.each([
    ['5', 5],
    [' \t5.\n\u0000', 5],
    ['.5e1', 5],
    ['-5E-1f', -0.5],
    ['+5D', 5],
    ['-0', -0],
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['1e400', Number.POSITIVE_INFINITY],
    ['1e-400', 0],
    ['0e99999999999', 0],
    ['0x1p0', 1],
    ['0x1.8p3', 12],
    ['-0X.8P+1d', -1],
    ['0x10.p-4', 1],
    ['0x0p99999999999', 0],
    ['0x1p99999999999', Number.POSITIVE_INFINITY],
    ['0x1p-99999999999', 0],
    ['0x1.fffffffffffff8p1023', Number.POSITIVE_INFINITY],
    ['0x1.00000000000008p0', 1],
    ['0x1.000000000000080001p0', 1 + 2 ** -52],
    ['0x1.00000000000018p0', 1 + 2 ** -51],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.8p-1075', 5e-324],
  ])('reads %j', (text, value) => {
    expect(parseJavaDouble(text)).toBe(value);
  });

  it.each([
    '',
    ' ',
    '.',
    '+',
    '5e',
    '5e+',
    '5L',
    '5ff',
    '--5',
    '\u00a05',
    'nan',
    'INFINITY',
    '0x5',
    '0xp1',
    '0x.p1',
    '0b1',
    '1_0',
    '٣',
  ])('refuses %j', (text) => {
    expect(parseJavaDouble(text)).toBeUndefined();
  });

  it('reads back every double, decimal and hexadecimal', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseJavaDouble(Object.is(value, -0) ? '-0.0' : String(value))).toBe(value);
        expect(parseJavaDouble(hexadecimal(value))).toBe(value);
      }),
    );
  });
});

/** As Java's `Double.toHexString`, but for the trailing zeros. */
function hexadecimal(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & (2n ** 52n - 1n)).toString(16).padStart(13, '0');
  const sign = bits >> 63n === 1n ? '-' : '';
  return `${sign}0x${exponent === 0 ? 0 : 1}.${fraction}p${exponent === 0 ? -1022 : exponent - 1023}`;
}
