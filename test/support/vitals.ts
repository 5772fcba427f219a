import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from './server-process.ts';

/** What a process holds. */
export interface Vitals {
  /** Bytes of heap in use, after all garbage is collected. */
  heap: number;
  /** Bytes of buffers in use. */
  buffers: number;
  /** Timers that are set, those that do not keep it alive among them. */
  timers: number;
  sockets: number;
  /** Open files, sockets among them. */
  files: number;
}

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'vitals.js');

/** For the environment of a process that is to be asked. */
export const VITALS_ENV = { NODE_OPTIONS: `--import=${PROGRAM}` };

/** Asks a process that runs with {@link VITALS_ENV}. Linux only. */
export async function vitalsOf(server: ServerProcess): Promise<Vitals> {
  const last = (): RegExpMatchArray | undefined =>
    [...server.output.matchAll(/^vitals (\d+) (.*)$/gm)].at(-1);
  const before = last()?.[1];
  process.kill(server.pid, 'SIGUSR2');
  for (let tries = 0; tries < 1000; tries++) {
    const told = last();
    if (told && told[1] !== before) {
      const files = readdirSync(`/proc/${server.pid}/fd`).length;
      return { ...(JSON.parse(told[2] ?? '') as Omit<Vitals, 'files'>), files };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The process ${server.pid} does not answer: ${server.output}`);
}
