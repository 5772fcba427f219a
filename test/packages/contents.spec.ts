import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bin, packedInto, packedPackages, root, run, succeed } from './packed.ts';

const packages = packedPackages();

const ATTW = ['--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color'];

describe('the packed packages', () => {
  it('are all there', () => {
    expect(packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nest-rocketmq', '@nest-rocketmq/client', '@nest-rocketmq/mqbroker']),
    );
    for (const { tarball } of packages) expect(tarball).toMatch(/\.tgz$/);
  });

  // A package of a command alone has nothing to import.
  it.each(packages.filter(({ entryPoints }) => entryPoints.length > 0))(
    'have types that are right for ES modules: $name',
    async ({ tarball }) => {
      const { code, stdout } = await run(bin('attw'), [tarball, ...ATTW], packedInto);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('OK (ESM)') });
    },
  );

  describe.each(packages)('$name', ({ tarball }) => {
    it('has nothing that publint complains about', async () => {
      const { code, stdout } = await run(bin('publint'), ['run', tarball, '--strict'], packedInto);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('All good!') });
    });

    it('has what runs, its sources, a page and the license, and nothing else', async () => {
      const files = (await succeed('tar', ['-tzf', tarball], packedInto)).trim().split('\n');
      expect(files).toEqual(
        expect.arrayContaining(['package/package.json', 'package/README.md', 'package/LICENSE']),
      );
      const strange = files.filter(
        (file) => !/^package\/(package\.json|README(\.\S+)?\.md|LICENSE|(dist|src|bin)\/.+)$/.test(file),
      );
      expect([...strange, ...files.filter((file) => /\.spec\.|tsbuildinfo/.test(file))]).toEqual([]);
      expect(await succeed('tar', ['-xOzf', tarball, 'package/LICENSE'], packedInto)).toBe(
        readFileSync(join(root, 'LICENSE'), 'utf8'),
      );
    });
  });
});
