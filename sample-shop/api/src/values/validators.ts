import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, registerDecorator, type ValidationOptions } from 'class-validator';
import { isId } from './ids.ts';
import { isMoney, moneyText } from './money.ts';

/** What databases and pages can't have in a line: control characters, and halves of characters. */
const CONTROL = /\p{Cc}|\p{Cs}/u;

/** How a field of a request is described. */
interface FieldOptions {
  readonly description: string;
  readonly example?: string;
  /** Whether it may be left out, or null. Default false. */
  readonly optional?: boolean;
}

/** A field of a request that is an id: text of digits, 64 bits. */
export function IdField(options: FieldOptions): PropertyDecorator {
  const example = options.example ?? '345988230098857984';
  return field({ ...options, example }, [
    rule('isId', isId, { message: '$property must be an id: a whole number of 64 bits, as text' }),
  ]);
}

/** A field of a request that is a sum of money: text, or a number with at most two decimals. It becomes text with two. */
export function MoneyField(options: FieldOptions): PropertyDecorator {
  const example = options.example ?? '5000.00';
  return field({ ...options, example }, [
    Transform(({ value }: { value: unknown }) => (isMoney(value) ? moneyText(value) : value)),
    rule('isMoney', isMoney, { message: '$property must be a sum of money with at most two decimals' }),
  ]);
}

/** A field of a request that is a line of text, 1..`length` characters without control characters. */
export function LineField(options: FieldOptions & { readonly length: number }): PropertyDecorator {
  const isLine = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= options.length &&
    !CONTROL.test(value);
  return field(options, [
    rule('isLine', isLine, { message: `$property must be a line of 1 to ${options.length} characters` }),
  ]);
}

function field(options: FieldOptions, decorators: PropertyDecorator[]): PropertyDecorator {
  const { optional = false, ...api } = options;
  const described = optional
    ? [ApiPropertyOptional({ ...api, type: String }), IsOptional()]
    : [ApiProperty({ ...api, type: String })];
  return applyDecorators(...described, ...decorators);
}

function rule(
  name: string,
  test: (value: unknown) => boolean,
  options: ValidationOptions,
): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      options,
      validator: { validate: test },
    });
}
