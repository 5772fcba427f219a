import { httpDuration } from './metrics.ts';

/** What of an Express request and response this needs. */
interface Request {
  readonly method: string;
  readonly route?: { readonly path?: unknown };
}
interface Response {
  readonly statusCode: number;
  once(event: 'finish', listener: () => void): unknown;
}

/** A middleware that measures the requests of a front end. */
export function measureRequests(web: string) {
  return (request: Request, response: Response, next: () => void): void => {
    const end = httpDuration.startTimer({ web, method: request.method });
    response.once('finish', () => {
      const route = typeof request.route?.path === 'string' ? request.route.path : 'none';
      end({ route, status: response.statusCode });
    });
    next();
  };
}
