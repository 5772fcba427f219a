// Builds the page unless what it is made of is older than what was built last.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function modified(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  const inside = readdirSync(path)
    .filter((name) => !name.endsWith('.spec.ts'))
    .map((name) => modified(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

const sources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', '../../package-lock.json'];
const newest = Math.max(...sources.map((path) => modified(join(here, path))));

// Vite writes the page itself last; a build that failed half-way leaves it missing.
if (modified(join(here, 'dist/index.html')) < newest) {
  // React is a developer's one, and three times as large, in any other environment: that of a test, say.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  await build({ root: here, logLevel: 'warn' });
}
