import { Injectable, ValidationPipe, type PipeTransform } from '@nestjs/common';
import { isId, ShopError, type Id } from '@sample-shop/api';
import type { ValidationError } from 'class-validator';

/** Checks the bodies of requests, and says everything that is wrong with one. */
export function bodyValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => new ShopError('REQUEST_PARAMETER_INVALID', describe(errors)),
  });
}

function describe(errors: ValidationError[]): string {
  return (
    errors.flatMap(({ constraints = {} }) => Object.values(constraints)).join('; ') ||
    'The request is not valid'
  );
}

/** An id in a path or a query. */
@Injectable()
export class IdPipe implements PipeTransform<unknown, Id> {
  transform(value: unknown): Id {
    if (isId(value)) return value;
    throw new ShopError('REQUEST_PARAMETER_INVALID', 'An id must be a whole number of 64 bits');
  }
}

/** An id that may be left out. */
@Injectable()
export class OptionalIdPipe implements PipeTransform<unknown, Id | undefined> {
  transform(value: unknown): Id | undefined {
    return value === undefined ? undefined : new IdPipe().transform(value);
  }
}
