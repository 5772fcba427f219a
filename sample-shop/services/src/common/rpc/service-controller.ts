import {
  applyDecorators,
  Catch,
  Controller,
  Logger,
  UseFilters,
  type RpcExceptionFilter,
} from '@nestjs/common';
import { ShopError } from '@sample-shop/api';
import { throwError, type Observable } from 'rxjs';

/** Gives a caller the code of what went wrong; what nobody expected is logged here and said in general there. */
@Catch()
export class RpcErrorFilter implements RpcExceptionFilter<unknown> {
  readonly #logger = new Logger('rpc');

  catch(error: unknown): Observable<never> {
    const answer = error instanceof ShopError ? error : this.#unexpected(error);
    const { code, message, data } = answer;
    return throwError(() => ({ code, message, data }));
  }

  #unexpected(error: unknown): ShopError {
    this.#logger.error(error);
    return new ShopError('FAIL');
  }
}

/** A controller that answers other services. */
export function ServiceController(): ClassDecorator {
  return applyDecorators(Controller(), UseFilters(RpcErrorFilter));
}
