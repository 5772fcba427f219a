import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Packs the packages of the workspace that are published, once for all suites: `npm pack` of what was built, into a directory
 * that PACKED_PACKAGES names. `packed.json` in it tells of each its name, its folder and its tarball.
 */
export default function pack() {
  const directory = mkdtempSync(join(tmpdir(), 'nest-rocketmq-packed-'));
  process.env.PACKED_PACKAGES = directory;
  const folders = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((entry) => join(root, folder, entry)),
  );
  const published = folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter((manifest) => manifest.private !== true);
  const notBuilt = published.filter(({ folder }) => !existsSync(join(folder, 'dist')));
  if (notBuilt.length > 0) throw new Error(`not built: ${notBuilt.map(({ name }) => name).join(', ')}`);
  const said = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory].concat(
      published.flatMap(({ name }) => ['-w', name]),
    ),
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
  );
  const tarballs = new Map(JSON.parse(said).map(({ name, filename }) => [name, join(directory, filename)]));
  const packed = published.map(({ name, folder }) => ({ name, folder, tarball: tarballs.get(name) }));
  writeFileSync(join(directory, 'packed.json'), JSON.stringify(packed));
}

/** Removes what {@link pack} made, and the applications in it. */
export function remove() {
  rmSync(process.env.PACKED_PACKAGES, { recursive: true, force: true });
}
