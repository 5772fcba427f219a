import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { success, type Answer } from '@sample-shop/api';
import { map, type Observable } from 'rxjs';

/** Puts what a handler returns into an answer. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<unknown>): Observable<Answer> {
    return next.handle().pipe(map((data) => success(data)));
  }
}
