import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forwardTo } from './forward.ts';

const servers: Server[] = [];

async function listen(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** A server that passes everything on, as order-web does. */
function forwarding(origin: URL): Promise<URL> {
  const forward = forwardTo(origin);
  return listen((request, response) =>
    forward(Object.assign(request, { originalUrl: request.url ?? '' }), response),
  );
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('forwardTo', () => {
  it('passes method, path, query and body on, and status, headers and body back', async () => {
    const origin = await listen((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(409, { 'content-type': 'application/json', 'x-from': 'pay-web' });
        response.end(JSON.stringify({ method: request.method, url: request.url, body }));
      });
    });
    const here = await forwarding(origin);

    const answer = await fetch(new URL('/pay-web/pay/createPayment?a=%20b', here), {
      method: 'POST',
      body: '{"orderId":"1"}',
    });

    expect(answer.status).toBe(409);
    expect(answer.headers.get('x-from')).toBe('pay-web');
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: '/pay-web/pay/createPayment?a=%20b',
      body: '{"orderId":"1"}',
    });
  });

  it('names itself as nobody else: the host is that of the origin', async () => {
    const origin = await listen((request, response) => response.end(request.headers.host));
    const here = await forwarding(origin);

    expect(await (await fetch(here)).text()).toBe(origin.host);
  });

  it('says so when there is no answer', async () => {
    const origin = await listen((request) => request.socket.destroy());
    const here = await forwarding(origin);

    const answer = await fetch(new URL('/pay-web/payments/1', here));

    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({
      success: false,
      code: 'FAIL',
      message: `There is no answer from ${origin.origin}`,
    });
  });

  it('asks no other host, whatever the path looks like', async () => {
    const asked: string[] = [];
    const other = await listen((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const origin = await listen((_request, response) => response.end());
    const here = await forwarding(origin);

    const answer = await fetch(`${here.origin}//${other.host}/pay-web`);

    expect(answer.status).toBe(400);
    expect(asked).toEqual([]);
  });
});
