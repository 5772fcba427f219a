import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

const ASSET = /^\/assets\/[\w.-]+\.(js|css)$/;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** What comes after this serves the compressed twin of a built file, where there is one, to who takes it. */
export function compressedTwins(folder: string) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const [, extension] = ASSET.exec(request.url ?? '') ?? [];
    const taken = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const twin = `${request.url}.gz`;
    const type = extension === undefined ? undefined : TYPES[extension];
    if (type !== undefined && taken && existsSync(join(folder, twin))) {
      request.url = twin;
      response.setHeader('content-type', type);
      response.setHeader('content-encoding', 'gzip');
      response.setHeader('vary', 'accept-encoding');
    }
    next();
  };
}
