import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Describes what needs a browser. Without one it is left out and said so; where `CI` is true it fails instead. */
export function describeInBrowser(name: string, body: () => void): void {
  if (existsSync(CHROMIUM) || process.env.CI === 'true') {
    describe(name, body);
    return;
  }
  process.stderr.write(
    `Skipped: ${name}. There is no Chromium at ${CHROMIUM}; CHROMIUM_PATH says where it is.\n`,
  );
  describe.skip(name, body);
}

/** Starts Chromium so that it asks nothing of the internet by itself. */
export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, and what went wrong in it. */
export interface Visit {
  readonly page: Page;
  /** Exceptions that nobody caught, and what was written to the console as error or warning. */
  readonly problems: string[];
  /** The origins that anything was asked of. */
  readonly origins: Set<string>;
  close(): Promise<void>;
}

export interface Visitor {
  width?: number;
  height?: number;
  language?: string;
  colours?: 'light' | 'dark';
}

/** Opens a page as somebody who was never here before. */
export async function visit(
  browser: Browser,
  url: string,
  { width = 1440, height = 900, language = 'en-GB', colours = 'light' }: Visitor = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language,
    colorScheme: colours,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const problems: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:') origins.add(origin);
  });
  await page.goto(url);
  return { page, problems, origins, close: () => context.close() };
}

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds wrong with the page as it is now: what, where and why. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(`${axe};0`);
  const violations = (await page.evaluate('axe.run().then((result) => result.violations)')) as Violation[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}

/** By how many pixels the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
}
