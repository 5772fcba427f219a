import { Decimal } from 'decimal.js';

/** A sum of money as it travels: text with two decimals, `'5000.00'`. */
export type MoneyText = string;

/** What a `decimal(10,2)` can hold. */
export const LARGEST_MONEY = new Decimal('99999999.99');

const MONEY = /^-?\d{1,8}(\.\d{1,2})?$/;

/** Whether a value of a request is a sum of money: text, or a number with at most two decimals. */
export function isMoney(value: unknown): value is string | number {
  if (typeof value === 'string') return MONEY.test(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  const amount = new Decimal(value);
  return amount.decimalPlaces() <= 2 && amount.abs().lessThanOrEqualTo(LARGEST_MONEY);
}

/** Money to calculate with: a decimal, never a JavaScript number. */
export function money(value: string | number | Decimal): Decimal {
  return new Decimal(value);
}

/** Money as text with two decimals. */
export function moneyText(value: string | number | Decimal): MoneyText {
  return new Decimal(value).toFixed(2);
}

/** The full currency units in a sum: what a payment counts for the score. */
export function fullUnits(value: string | Decimal): number {
  return new Decimal(value).floor().toNumber();
}
