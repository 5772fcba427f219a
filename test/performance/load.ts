import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What the load generator prints (`apps/benchmark`). */
export interface LoadResult {
  perSecond: number;
  bytesPerSecond: number;
  p50Us: number;
  p99Us: number;
  p999Us: number;
  errors: Record<string, number>;
}

/** Runs the load generator in a process of its own and returns what it measured. */
export function runLoad(load: string, options: Record<string, string | number>): Promise<LoadResult> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(
    process.execPath,
    [join(root, 'apps/benchmark/bin/rocketmq-benchmark.js'), load, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`the load ${load} ended with ${code}: ${errors.slice(-2000)}`));
    });
  });
}
