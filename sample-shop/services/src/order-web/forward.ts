import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { ShopError } from '@sample-shop/api';

/** As long as a browser waits at the most. */
const TIMEOUT = 30_000;

/** A request as Express hands it to a handler below a path: `originalUrl` has the path still. */
type Forwarded = IncomingMessage & { originalUrl: string };

/**
 * Passes requests on to another origin and its answers back, as they are. Where it doesn't answer, the answer is `FAIL`
 * with status 502.
 */
export function forwardTo(origin: URL): (request: Forwarded, response: ServerResponse) => void {
  const send = origin.protocol === 'https:' ? httpsRequest : httpRequest;
  return (request, response) => {
    const { connection: _hopByHop, host: _host, ...headers } = request.headers;
    const url = new URL(request.originalUrl, origin);
    // A path that begins with two slashes would name another host.
    if (url.origin !== origin.origin) return refuse(response, 400, 'The path is not one of this shop');
    const onward = send(url, { method: request.method, headers, timeout: TIMEOUT });
    onward.on('response', (answer) => {
      const { connection: _connection, 'keep-alive': _keepAlive, ...answered } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, answered);
      pipeline(answer, response, () => undefined);
    });
    onward.on('timeout', () => onward.destroy());
    onward.on('error', () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `There is no answer from ${origin.origin}`);
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(new ShopError('FAIL', message).toAnswer()));
}
