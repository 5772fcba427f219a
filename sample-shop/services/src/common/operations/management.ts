import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceHealth } from '@sample-shop/api';
import { metrics } from './metrics.ts';

/** What an operator can ask a service for that runs by itself. */
export interface Management {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/health` (503 when the service is not up) and `/metrics` of a service that has no HTTP otherwise.
 * @throws what the system says when the port is taken
 */
export async function startManagement(
  host: string,
  port: number,
  health: () => Promise<ServiceHealth>,
): Promise<Management> {
  const server = createServer((request, response) => {
    answer(request.url, health).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: Error) => response.writeHead(500, { 'content-type': 'text/plain' }).end(error.message),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

async function answer(
  url: string | undefined,
  health: () => Promise<ServiceHealth>,
): Promise<{ status: number; type: string; body: string }> {
  if (url === '/metrics') return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  if (url !== '/health') return { status: 404, type: 'text/plain', body: '/health or /metrics' };
  const state = await health();
  return { status: state.up ? 200 : 503, type: 'application/json', body: JSON.stringify(state) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
