import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const starter = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'libs', 'nest-rocketmq');

interface Manifest {
  exports: Record<string, string | Record<string, string>>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(starter, 'package.json'), 'utf8'));
const optional = Object.entries(manifest.peerDependenciesMeta).flatMap(([name, { optional: is }]) =>
  is ? [name] : [],
);

/** Which optional peers are loaded with a file: itself and all that it imports statically, types included. */
function peersOf(entry: string): string[] {
  const peers = new Set<string>();
  const seen = new Set<string>();
  const waiting = [resolve(starter, entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, specifier = ''] of text.matchAll(/(?:\bfrom|^import)\s+['"]([^'"]+)['"]/gm)) {
      if (specifier.startsWith('.')) waiting.push(resolve(dirname(file), specifier));
      const peer = optional.find((name) => specifier === name || specifier.startsWith(`${name}/`));
      if (peer !== undefined) peers.add(peer);
    }
  }
  return [...peers];
}

/** The optional peer that a sub-path is for. */
const OF_SUB_PATH: Record<string, string[]> = {
  '.': [],
  './opentelemetry': ['@opentelemetry/api'],
  './prometheus': ['prom-client'],
  './terminus': ['@nestjs/terminus'],
  './microservices': ['@nestjs/microservices'],
};

describe('the optional peers of the starter', () => {
  it.each(Object.entries(OF_SUB_PATH))('%s needs %j and no other', (subPath, peers) => {
    const target = manifest.exports[subPath];
    if (typeof target !== 'object') throw new Error(`${subPath} is not exported`);
    expect(peersOf(target['@nest-rocketmq/source'] ?? '')).toEqual(peers);
  });

  it('are peers', () => {
    expect(optional.filter((name) => !(name in manifest.peerDependencies))).toEqual([]);
  });
});
