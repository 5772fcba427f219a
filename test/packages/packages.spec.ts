import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installedVersion, PackedPackages, published, root, run, succeed } from './packed.ts';

const packages = published();
/** The packages of others that ours want beside them: of that version of Nest, and otherwise those of the workspace. */
function peers(nest: number): string[] {
  const wanted = new Set(packages.flatMap((ours) => ours.peers));
  for (const { name } of packages) wanted.delete(name);
  return [...wanted].map((name) => `${name}@${name.startsWith('@nestjs/') ? nest : installedVersion(name)}`);
}

const bin = (name: string) => join(root, 'node_modules', '.bin', name);

const notBuilt = packages.filter(({ directory }) => !existsSync(join(directory, 'dist')));
if (notBuilt.length > 0) throw new Error(`not built: ${notBuilt.map(({ name }) => name).join(', ')}`);

const answered = spawnSync('npm', ['view', 'reflect-metadata', 'version', '--fetch-retries=0'], {
  timeout: 30_000,
});
const offline = answered.status === 0 ? undefined : 'the package registry does not answer';
if (offline !== undefined) process.stderr.write(`packages: applications are skipped: ${offline}\n`);

describe('the packed packages', () => {
  let packed: PackedPackages;

  beforeAll(async () => {
    packed = await PackedPackages.pack(packages);
  });

  afterAll(() => packed?.remove());

  it('are all there', () => {
    expect([...packed.tarballs.keys()].toSorted()).toEqual(packages.map(({ name }) => name).toSorted());
  });

  // A package of a command alone has nothing to import.
  it.each(packages.filter(({ entryPoints }) => entryPoints.length > 0))(
    'have types that are right for ES modules: $name',
    async ({ name }) => {
      const { code, stdout } = await run(
        bin('attw'),
        [
          packed.tarballs.get(name) ?? '',
          '--profile',
          'esm-only',
          '--format',
          'ascii',
          '--no-emoji',
          '--no-color',
        ],
        packed.directory,
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('OK (ESM)') });
    },
  );

  describe.each(packages)('$name', ({ name }) => {
    const tarball = () => packed.tarballs.get(name) ?? '';

    it('has nothing that publint complains about', async () => {
      const { code, stdout } = await run(bin('publint'), ['run', tarball(), '--strict'], packed.directory);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('All good!') });
    });

    it('has what runs and its sources, and nothing else', async () => {
      const files = (await succeed('tar', ['-tzf', tarball()], packed.directory)).trim().split('\n');
      expect(files).toContain('package/package.json');
      const strange = files.filter(
        (file) => !/^package\/(package\.json|README(\.\S+)?\.md|LICENSE|(dist|src|bin)\/.+)$/.test(file),
      );
      expect([...strange, ...files.filter((file) => /\.spec\.|tsbuildinfo/.test(file))]).toEqual([]);
    });
  });

  const applications = offline === undefined ? describe : describe.skip;

  applications.each([11, 12])(`installed with Nest %i${offline ? ` [skipped: ${offline}]` : ''}`, (nest) => {
    let directory: string;

    beforeAll(async () => {
      directory = await packed.install(`nest-${nest}`, [...peers(nest), '@types/node@20']);
    });

    it('have entry points that all load, by import and by require', async () => {
      const names = packages.flatMap(({ entryPoints }) => entryPoints);
      const loaded = (how: string) => `const loaded = []; for (const name of ${JSON.stringify(names)}) {
        if (Object.keys(${how}(name)).length > 0) loaded.push(name);
      } console.log(JSON.stringify(loaded));`;
      const asModule = `import 'reflect-metadata'; ${loaded('await import')}`;
      const asScript = `require('reflect-metadata'); ${loaded('require')}`;
      const node = (type: string, text: string) =>
        succeed(process.execPath, [`--input-type=${type}`, '-e', text], directory);
      expect(JSON.parse(await node('module', asModule))).toEqual(names);
      expect(JSON.parse(await node('commonjs', asScript))).toEqual(names);
    });

    it.each(['main.mjs', 'main.cjs'])('run in an application: %s', async (main) => {
      const said = await succeed(process.execPath, [main], directory);
      expect(JSON.parse(said)).toEqual({
        received: expect.arrayContaining([
          { order: { id: 1 }, keys: ['k'] },
          { order: { id: 2 }, keys: [] },
        ]),
        reply: { echo: { id: 2 } },
        groups: ['packages'],
      });
    });

    it('have types that an application compiles with, as an ES module and as CommonJS', async () => {
      for (const name of ['consumer.mts', 'consumer.cts'])
        copyFileSync(join(directory, 'consumer.ts.txt'), join(directory, name));
      const compilerOptions = {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        noEmit: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        skipLibCheck: true,
        types: ['node'],
      };
      const files = ['consumer.mts', 'consumer.cts'];
      writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const { code, stdout } = await run(bin('tsc'), ['-p', '.'], directory);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    });

    it('have servers that start: mqnamesrv, mqbroker', async () => {
      for (const server of ['mqnamesrv', 'mqbroker']) {
        const command = join(directory, 'node_modules', '.bin', server);
        expect(await succeed(command, ['-p'], directory)).toContain('=');
      }
    });
  });
});
