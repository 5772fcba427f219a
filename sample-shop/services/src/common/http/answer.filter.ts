import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ShopError, type Answer } from '@sample-shop/api';

/** What answers need of the response, whatever HTTP server it is of. */
interface HttpResponse {
  readonly headersSent: boolean;
  status(status: number): HttpResponse;
  json(body: unknown): void;
}

/** Answers what was thrown: its code and HTTP status. What nobody expected is logged, and `FAIL` to the client. */
@Catch()
export class AnswerFilter implements ExceptionFilter<unknown> {
  readonly #logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const { status, answer } = this.#answerOf(error);
    if (!response.headersSent) response.status(status).json(answer);
  }

  #answerOf(error: unknown): { status: number; answer: Answer } {
    if (error instanceof ShopError) return { status: error.status, answer: error.toAnswer() };
    const status = statusOf(error);
    if (status !== undefined && status < 500) {
      const { message } = error as Error;
      return { status, answer: new ShopError('REQUEST_PARAMETER_INVALID', message).toAnswer() };
    }
    this.#logger.error(error);
    const failed = new ShopError('FAIL');
    return { status: status ?? failed.status, answer: failed.toAnswer() };
  }
}

/** Nest's exceptions, and those of the HTTP server under it: a body that is not JSON, or too long. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}
