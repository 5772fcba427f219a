import { describe, expect, it } from '@jest/globals';
import { fullUnits, isMoney, money, moneyText } from './money.ts';

describe('money', () => {
  it.each(['0', '5000.00', '-0.01', '99999999.99', '1.5', 0, 19.9, -3, 99999999.99])('is %p', (value) => {
    expect(isMoney(value)).toBe(true);
  });

  it.each([
    '',
    '1.',
    '.5',
    '1.005',
    '1e3',
    '100000000',
    ' 1',
    'NaN',
    1.005,
    1e9,
    NaN,
    Infinity,
    null,
    undefined,
    {},
    true,
  ])('is not %p', (value) => {
    expect(isMoney(value)).toBe(false);
  });

  it('is calculated without the errors of numbers', () => {
    expect(moneyText(money(0.1).plus('0.2'))).toBe('0.30');
    expect(moneyText(money('45.50').times(3))).toBe('136.50');
  });

  it('counts full units only', () => {
    expect(['0.99', '1.00', '128.99'].map(fullUnits)).toEqual([0, 1, 128]);
  });
});
