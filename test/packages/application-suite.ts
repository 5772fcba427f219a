import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { bin, installedVersion, packedInto, packedPackages, root, run, succeed } from './packed.ts';

const packages = packedPackages();
const QUIET = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--ignore-scripts'];

/** The packages of others that ours want beside them: of that version of Nest, and otherwise those of the workspace. */
function peers(nest: number): string[] {
  const wanted = new Set(packages.flatMap((ours) => ours.peers));
  for (const { name } of packages) wanted.delete(name);
  return [...wanted].map((name) => `${name}@${name.startsWith('@nestjs/') ? nest : installedVersion(name)}`);
}

/** An application's directory, in which the packed packages and others are installed. */
async function install(nest: number): Promise<string> {
  const directory = join(packedInto, `nest-${nest}`);
  mkdirSync(directory);
  cpSync(join(root, 'test', 'packages', 'application'), directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  const ours = packages.map(({ tarball }) => tarball);
  await succeed('npm', ['install', ...QUIET, ...ours, ...peers(nest), '@types/node@20'], directory);
  return directory;
}

/** What an application makes of the packed packages, with a version of Nest. */
export function applicationSuite(nest: number): void {
  const registry = spawnSync('npm', ['view', 'reflect-metadata', 'version', '--fetch-retries=0'], {
    timeout: 30_000,
  });
  const offline = registry.status === 0 ? '' : ' [skipped: the package registry does not answer]';
  if (offline) process.stderr.write(`packages: an application of Nest ${nest}${offline}\n`);

  (offline ? describe.skip : describe)(`the packed packages, installed with Nest ${nest}${offline}`, () => {
    let directory: string;

    beforeAll(async () => {
      directory = await install(nest);
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
      const files = ['consumer.mts', 'consumer.cts'];
      for (const name of files) copyFileSync(join(directory, 'consumer.ts.txt'), join(directory, name));
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
      writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const { code, stdout } = await run(bin('tsc'), ['-p', '.'], directory);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    });

    it('have commands that start: mqnamesrv, mqbroker, mqadmin', async () => {
      const command = (name: string) => join(directory, 'node_modules', '.bin', name);
      expect(await succeed(command('mqnamesrv'), ['-p'], directory)).toContain('=');
      expect(await succeed(command('mqbroker'), ['-p'], directory)).toContain('=');
      expect(await succeed(command('mqadmin'), [], directory)).toContain('deadLetterList');
    });
  });
}
