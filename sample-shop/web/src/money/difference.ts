import { Decimal } from 'decimal.js';

/** Adds exactly; the result has as many digits after the point as money has. */
export function addMoney(...amounts: string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)).toFixed(2);
}

export function negated(amount: string): string {
  return new Decimal(amount).isZero() ? '0.00' : new Decimal(amount).negated().toFixed(2);
}

export function isZero(amount: string): boolean {
  return new Decimal(amount).isZero();
}

/** The full currency units in an amount: what the score grows by when it is paid. */
export function fullUnits(amount: string): number {
  return new Decimal(amount).floor().toNumber();
}
