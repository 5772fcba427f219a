import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const source = dirname(fileURLToPath(import.meta.url));

/** What parts may import of this package beside themselves. */
const SHARED = ['common', 'demo', 'timeline'];

const isPart = (folder: string): boolean => /-(service|web)$/.test(folder);
const parts = readdirSync(source).filter(isPart);

/** The folders of this package that a folder imports. */
function imports(folder: string): { file: string; target: string }[] {
  const files = readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .flatMap((name) => {
      const file = join(source, folder, name);
      const specifiers = [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)];
      return specifiers.map(([, specifier = '']) => {
        const target = relative(source, resolve(dirname(file), specifier)).split('/')[0] ?? '';
        return { file: join(folder, name), target };
      });
    });
}

describe('the parts of the shop', () => {
  it('are seven', () => {
    expect(parts).toHaveLength(7);
  });

  it.each(parts)('%s imports nothing of another part', (part) => {
    const foreign = imports(part).filter(({ target }) => target !== part && !SHARED.includes(target));
    expect(foreign).toEqual([]);
  });

  it('are unknown to what they share', () => {
    expect(['common', 'timeline'].flatMap(imports).filter(({ target }) => isPart(target))).toEqual([]);
  });
});
