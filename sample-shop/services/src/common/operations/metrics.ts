import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What this process counts: one registry, however many parts of the shop are in the process. */
export const metrics = new Registry();

collectDefaultMetrics({ register: metrics });

/** How long HTTP requests took. The route is its pattern, not its path: there are as many paths as there are orders. */
export const httpDuration = new Histogram({
  name: 'shop_http_request_duration_seconds',
  help: 'Duration of HTTP requests',
  labelNames: ['web', 'method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  registers: [metrics],
});
