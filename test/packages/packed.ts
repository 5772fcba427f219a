import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A package of the workspace that is published. */
export interface Published {
  readonly name: string;
  readonly directory: string;
  /** What applications import of it. */
  readonly entryPoints: readonly string[];
  /** The packages that applications install beside it. */
  readonly peers: readonly string[];
}

interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  peerDependencies?: Record<string, string>;
}

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The packages of the workspace that aren't private. */
export function published(): Published[] {
  return ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((entry) => {
      const directory = join(root, folder, entry);
      const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
      if (manifest.private === true) return [];
      const { name, exports = {}, peerDependencies = {} } = manifest;
      const paths = Object.keys(exports).filter((path) => path !== './package.json');
      return [
        {
          name,
          directory,
          entryPoints: paths.map((path) => join(name, path)),
          peers: Object.keys(peerDependencies),
        },
      ];
    }),
  );
}

/** The version of a package that the workspace has. */
export function installedVersion(name: string): string {
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Runs a program to its end, whatever that is. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeoutMs = 120_000,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a program that has to succeed. @throws Error with what it printed */
export async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args[0]} in ${cwd} ended with ${code}:\n${stdout}\n${stderr}`.slice(0, 8000));
}

/** The packages as `npm pack` makes them, in a directory of their own. */
export class PackedPackages {
  readonly directory: string;
  /** The tarballs, by the names of their packages. */
  readonly tarballs = new Map<string, string>();

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Packs what was built. */
  static async pack(packages: readonly Published[]): Promise<PackedPackages> {
    const packed = new PackedPackages(mkdtempSync(join(tmpdir(), 'nest-rocketmq-packed-')));
    const folders = packages.flatMap(({ name }) => ['-w', name]);
    const said = await succeed(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', packed.directory, ...folders],
      root,
    );
    for (const { name, filename } of JSON.parse(said) as { name: string; filename: string }[])
      packed.tarballs.set(name, join(packed.directory, filename));
    return packed;
  }

  /** An application's directory, in which the packed packages and others are installed. */
  async install(name: string, others: readonly string[]): Promise<string> {
    const directory = join(this.directory, name);
    mkdirSync(directory);
    cpSync(join(root, 'test', 'packages', 'application'), directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'application', private: true }));
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--ignore-scripts'];
    await succeed('npm', ['install', ...quiet, ...this.tarballs.values(), ...others], directory);
    return directory;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
