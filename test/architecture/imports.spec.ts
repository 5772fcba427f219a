import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Which of our packages a library may import; whatever is not listed here is refused. */
const ALLOWED: Record<string, string[]> = {
  runtime: [],
  protocol: ['runtime'],
  remoting: ['runtime', 'protocol'],
  store: ['runtime', 'protocol'],
  filter: ['runtime', 'protocol'],
  namesrv: ['runtime', 'protocol', 'remoting'],
  broker: ['runtime', 'protocol', 'remoting', 'store', 'filter'],
  client: ['runtime', 'protocol', 'remoting', 'filter'],
  'nest-rocketmq': ['runtime', 'client'],
  embedded: ['runtime', 'namesrv', 'broker'],
  testing: ['runtime', 'embedded', 'client', 'nest-rocketmq'],
  'consumer-log': ['runtime', 'client', 'nest-rocketmq'],
};

/** Libraries that are pure data or files: no socket. */
const NO_SOCKET = ['runtime', 'protocol', 'filter', 'store'];
const SOCKETS = /^(node:)?(net|tls|http|https|http2|dgram|dns)(\/|$)/;
/** Nest belongs to the starter and to what stands on it. */
const NEST_ALLOWED = ['nest-rocketmq', 'consumer-log', 'testing'];
/** A bundled server starts no other program: there is no way from a configuration to a process. */
const NO_PROCESS = ['runtime', 'protocol', 'remoting', 'store', 'filter', 'namesrv', 'broker', 'client'];

interface Import {
  file: string;
  specifier: string;
  dynamic: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'dist' || entry.name === 'node_modules' ? [] : sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    // Telling what is an IP address opens no socket.
    .replace(/^import \{ (isIP(v[46])?(, )?)+ \} from 'node:net';$/gm, '');
  const found: Import[] = [];
  for (const [, specifier = ''] of text.matchAll(/\bfrom\s+['"]([^'"]+)['"]/g)) {
    if (specifier) found.push({ file: relative(root, file), specifier, dynamic: false });
  }
  for (const [, specifier = ''] of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)) {
    found.push({ file: relative(root, file), specifier, dynamic: false });
  }
  for (const [, specifier = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) {
    found.push({ file: relative(root, file), specifier, dynamic: true });
  }
  return found;
}

function ourLibrary(specifier: string): string | undefined {
  if (specifier === 'nest-rocketmq' || specifier.startsWith('nest-rocketmq/')) return 'nest-rocketmq';
  return /^@nest-rocketmq\/([^/]+)/.exec(specifier)?.[1];
}

const libraries = readdirSync(join(root, 'libs')).filter((name) => !name.startsWith('.'));

function violations(rule: (library: string, found: Import, isTest: boolean) => boolean): string[] {
  return libraries.flatMap((library) =>
    sources(join(root, 'libs', library, 'src')).flatMap((file) =>
      importsOf(file)
        .filter((found) => rule(library, found, file.endsWith('.spec.ts')))
        .map((found) => `${found.file} imports ${found.specifier}`),
    ),
  );
}

describe('the directions of imports', () => {
  it('has a rule for every library', () => {
    expect(libraries.filter((name) => !(name in ALLOWED))).toEqual([]);
  });

  it('a library imports only the libraries below it', () => {
    expect(
      violations((library, found, isTest) => {
        const target = ourLibrary(found.specifier);
        if (target === undefined || target === library) return false;
        if (isTest) return false;
        // The starter loads the embedded servers only when an application asks for them.
        if (library === 'nest-rocketmq' && target === 'embedded') return !found.dynamic;
        return !(ALLOWED[library] ?? []).includes(target);
      }),
    ).toEqual([]);
  });

  it('no library reaches into another by a path', () => {
    expect(
      violations((_library, found) => /^(\.\.\/)+(\.\.\/)*libs\/|\/(src|dist)\//.test(found.specifier)),
    ).toEqual([]);
  });

  it('protocol, filter and store open no socket', () => {
    expect(
      violations(
        (library, found, isTest) => !isTest && NO_SOCKET.includes(library) && SOCKETS.test(found.specifier),
      ),
    ).toEqual([]);
  });

  it('only the starter and what stands on it know Nest', () => {
    expect(
      violations(
        (library, found) => found.specifier.startsWith('@nestjs/') && !NEST_ALLOWED.includes(library),
      ),
    ).toEqual([]);
  });

  it('nothing imports an application', () => {
    const applications = readdirSync(join(root, 'apps')).map((name) => `apps/${name}`);
    expect(
      violations((_library, found) =>
        applications.some((application) => found.specifier.includes(application)),
      ),
    ).toEqual([]);
  });

  it('servers and client start no process', () => {
    expect(
      violations(
        (library, found, isTest) =>
          !isTest &&
          NO_PROCESS.includes(library) &&
          /^(node:)?(child_process|cluster|vm|repl)$/.test(found.specifier),
      ),
    ).toEqual([]);
  });

  it('the broker has one dependency from outside, what is below it none', () => {
    const foreign = ['runtime', 'protocol', 'remoting', 'store', 'filter', 'namesrv', 'broker'].flatMap(
      (library) => {
        const manifest: { dependencies?: Record<string, string> } = JSON.parse(
          readFileSync(join(root, 'libs', library, 'package.json'), 'utf8'),
        );
        return Object.keys(manifest.dependencies ?? {})
          .filter((name) => ourLibrary(name) === undefined)
          .map((name) => `${library}: ${name}`);
      },
    );
    expect(foreign).toEqual(['broker: yaml']);
  });
});
