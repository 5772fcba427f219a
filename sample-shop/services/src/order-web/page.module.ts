import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ServeStaticModule } from '@nestjs/serve-static';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';
import { compressedTwins } from './compressed.ts';
import { forwardTo } from './forward.ts';

/** What `npm run build` makes of `@sample-shop/web`. */
const PAGE = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** The page loads nothing from elsewhere and is shown inside of no other. antd writes its styles into the page. */
const CONTENT_SECURITY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The names of built files change with what is in them, the page's own does not. */
function setHeaders(response: ServerResponse, path: string): void {
  const named = /[\\/]assets[\\/]/.test(path);
  response.setHeader('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('content-security-policy', CONTENT_SECURITY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
}

/**
 * The page, at `/`. It talks to its own origin alone: what it asks of `/pay-web` is passed on to pay-web, so that neither a
 * browser has to reach it nor pay-web has to allow other origins.
 */
@Module({
  imports: [
    ServeStaticModule.forRoot({ rootPath: PAGE, renderPath: '/', serveStaticOptions: { setHeaders } }),
  ],
})
export class PageModule {
  constructor(adapterHost: HttpAdapterHost, @InjectSettings() settings: ShopSettings) {
    // Before the bodies of requests are read, which is when the application is initialised.
    adapterHost.httpAdapter.use('/pay-web', forwardTo(payWebOf(settings)));
    adapterHost.httpAdapter.use(compressedTwins(PAGE));
  }
}

/** Where order-web reaches pay-web. */
function payWebOf({ payWebUrl, host, payWebPort }: ShopSettings): URL {
  return new URL(payWebUrl ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${payWebPort}`);
}
