import { applyDecorators, Controller, UseInterceptors } from '@nestjs/common';
import { AnswerInterceptor } from './answer.interceptor.ts';

/** A controller of a front end: what its handlers return is the `data` of the answer. */
export function WebController(path = ''): ClassDecorator {
  return applyDecorators(Controller(path), UseInterceptors(AnswerInterceptor));
}
