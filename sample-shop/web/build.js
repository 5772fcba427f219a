// Builds the page unless what it is made of is older than what was built last.
import { readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));

function modified(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  const inside = readdirSync(path)
    .filter((name) => !name.endsWith('.spec.ts'))
    .map((name) => modified(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

/** Writes a compressed twin of each script and style sheet, which order-web serves to who takes it. */
async function compressAssets() {
  const folder = join(here, 'dist/assets');
  const compress = async (name) => {
    const path = join(folder, name);
    await writeFile(`${path}.gz`, await promisify(gzip)(await readFile(path), { level: 9 }));
  };
  await Promise.all(readdirSync(folder).map(compress));
}

const sources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', '../../package-lock.json'];
const newest = Math.max(...sources.map((path) => modified(join(here, path))));

// Vite writes the page itself last; a build that failed half-way leaves it missing.
if (modified(join(here, 'dist/index.html')) < newest) {
  // React is a developer's one, and three times as large, in any other environment: that of a test, say.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  await build({ root: here, logLevel: 'warn' });
  await compressAssets();
}
