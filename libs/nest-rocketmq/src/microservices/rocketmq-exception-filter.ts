import { Catch, type ArgumentsHost } from '@nestjs/common';
import { BaseRpcExceptionFilter } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import { isMessageWrong, RejectMessage, RetryLater } from '../listener/outcome.ts';

/**
 * Lets {@link RejectMessage}, {@link RetryLater} and what validation pipes throw reach the server, which knows what to do
 * with them: Nest's own filter makes "Internal server error" of all that is no `RpcException`. Everything else is left to it.
 *
 * ```ts
 * app.useGlobalFilters(new RocketMQExceptionFilter())   // of the microservice; or @UseFilters on a controller
 * ```
 */
@Catch()
export class RocketMQExceptionFilter extends BaseRpcExceptionFilter {
  /** Leaves what says the fate of a message as it is, and all else to Nest. */
  override catch(exception: unknown, host: ArgumentsHost): Observable<never> {
    if (exception instanceof RejectMessage || exception instanceof RetryLater || isMessageWrong(exception))
      return throwError(() => exception);
    // oxlint-disable-next-line promise/valid-params -- a filter's method, not a promise's
    return super.catch(exception as Error, host) as Observable<never>;
  }
}
