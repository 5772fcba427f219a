import { Decimal } from 'decimal.js';
import { Column, PrimaryColumn, type ColumnOptions } from 'typeorm';

/** Money is a `Decimal` in the code. */
const money = {
  to: (value: Decimal | undefined | null) => value?.toFixed(2) ?? value,
  from: (value: string | null) => (value === null ? null : new Decimal(value)),
};

/** Times are milliseconds since the epoch in the database, the same in each kind of it. */
const time = {
  to: (value: Date | undefined | null) => value?.getTime() ?? value,
  from: (value: string | number | null) => (value === null ? null : new Date(Number(value))),
};

/** A 64-bit id, text in the code. */
export function IdColumn(name: string, options: ColumnOptions = {}): PropertyDecorator {
  return Column({ ...options, name, type: 'bigint' });
}

/** A 64-bit id that is, or is part of, the primary key. */
export function PrimaryIdColumn(name: string): PropertyDecorator {
  return PrimaryColumn({ name, type: 'bigint' });
}

/** `decimal(10,2)`. */
export function MoneyColumn(name: string): PropertyDecorator {
  return Column({ name, type: 'decimal', precision: 10, scale: 2, transformer: money });
}

/** A moment. */
export function TimeColumn(name: string, options: ColumnOptions = {}): PropertyDecorator {
  return Column({ ...options, name, type: 'bigint', transformer: time });
}

/** One of a few numbers: a status, a direction. */
export function StatusColumn(name: string): PropertyDecorator {
  return Column({ name, type: 'smallint' });
}

/** One of a few numbers that is part of the primary key. */
export function StatusKeyColumn(name: string): PropertyDecorator {
  return PrimaryColumn({ name, type: 'smallint' });
}
