import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the packages were packed to. */
export const packedInto = process.env['PACKED_PACKAGES'] ?? '';

/** A package of the workspace that is published, as `npm pack` made it. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
  /** What applications import of it. */
  readonly entryPoints: readonly string[];
  /** The packages that applications install beside it. */
  readonly peers: readonly string[];
}

interface Manifest {
  exports?: Record<string, unknown>;
  peerDependencies?: Record<string, string>;
}

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The packages that were packed. */
export function packedPackages(): PackedPackage[] {
  const packed = readJson(join(packedInto, 'packed.json')) as {
    name: string;
    folder: string;
    tarball: string;
  }[];
  return packed.map(({ name, folder, tarball }) => {
    const { exports = {}, peerDependencies = {} } = readJson(join(folder, 'package.json')) as Manifest;
    const paths = Object.keys(exports).filter((path) => path !== './package.json');
    return {
      name,
      tarball,
      entryPoints: paths.map((path) => join(name, path)),
      peers: Object.keys(peerDependencies),
    };
  });
}

/** The version of a package that the workspace has. */
export function installedVersion(name: string): string {
  return (readJson(join(root, 'node_modules', name, 'package.json')) as { version: string }).version;
}

/** A program of the workspace's own dependencies. */
export function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs a program to its end, whatever that is. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeoutMs = 480_000,
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

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
