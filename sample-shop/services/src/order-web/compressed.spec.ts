import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compressedTwins } from './compressed.ts';

describe('compressedTwins', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'compressed-'));
    mkdirSync(join(folder, 'assets'));
    for (const name of ['page.js', 'page.js.gz', 'page.css.gz', 'alone.js']) {
      writeFileSync(join(folder, 'assets', name), '');
    }
    writeFileSync(join(folder, 'secret.js.gz'), '');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** What is served in place of a path, and the headers that are set. */
  function served(url: string, encodings = 'gzip, br'): [string | undefined, Record<string, unknown>] {
    const request = { url, headers: { 'accept-encoding': encodings } };
    const headers: Record<string, unknown> = {};
    const response = { setHeader: (name: string, value: unknown) => (headers[name] = value) };
    let called = 0;
    compressedTwins(folder)(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
      () => called++,
    );
    expect(called).toBe(1);
    return [request.url, headers];
  }

  it('serves the twin, as what it is when it is unpacked', () => {
    expect(served('/assets/page.js')).toEqual([
      '/assets/page.js.gz',
      {
        'content-type': 'text/javascript; charset=utf-8',
        'content-encoding': 'gzip',
        vary: 'accept-encoding',
      },
    ]);
    expect(served('/assets/page.css')[1]).toMatchObject({ 'content-type': 'text/css; charset=utf-8' });
  });

  it.each([
    ['to who does not take it', '/assets/page.js', 'identity'],
    ['where there is none', '/assets/alone.js', 'gzip'],
    ['for what is not a built file', '/assets/../secret.js', 'gzip'],
    ['for the page', '/', 'gzip'],
  ])('serves no twin %s', (_why, url, encodings) => {
    expect(served(url, encodings)).toEqual([url, {}]);
  });
});
