import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A set of Apache's jars, named like the pom in `maven/` that fetches it. */
export type JarSet =
  | 'server-4.9.7'
  | 'client-4.9.8'
  | 'server-5.5.0'
  | 'client-5.5.0'
  | 'proxy-5.5.0'
  | 'spring-2.3.5'
  | 'grpc-5.2.0';

/** Where the sources are that are compiled against a set, by what its name begins with. */
const DRIVERS: Record<string, string> = { client: 'java', spring: 'java-spring', grpc: 'java-grpc' };

/** Where the folder of the interop suites is. */
export const interopDirectory = join(dirname(fileURLToPath(import.meta.url)), '..');

const FETCH_TIMEOUT_MS = 300_000;

/** Jars and compiled classes are kept here between runs: `NEST_ROCKETMQ_CACHE`, else `~/.cache/nest-rocketmq`. */
export function cacheDirectory(): string {
  return process.env['NEST_ROCKETMQ_CACHE'] ?? join(homedir(), '.cache', 'nest-rocketmq');
}

/** The class path of a set that {@link whyUnavailable} has found or fetched. */
export function classPath(set: JarSet): string {
  return join(cacheDirectory(), set, 'lib', '*');
}

/**
 * Makes the sets available, fetching with Maven what isn't in the cache, and compiles the Java side of the tests against
 * the client sets. Returns undefined when all is there, else the reason why this machine can't have it.
 */
export function whyUnavailable(sets: readonly JarSet[]): string | undefined {
  for (const tool of ['java', 'javac']) {
    if (!answers(tool, '-version')) return `no ${tool}: install a JDK, 17 or later`;
  }
  return alone(() => {
    for (const set of sets) {
      const reason = fetchJars(set) ?? (driverSources(set) === undefined ? undefined : compileDrivers(set));
      if (reason !== undefined) return reason;
    }
    return undefined;
  });
}

/** Does something while no other process does it: suites run at the same time, and share the cache. */
function alone<T>(work: () => T): T {
  const lock = join(cacheDirectory(), 'lock');
  mkdirSync(cacheDirectory(), { recursive: true });
  while (!lockedBy(lock, process.pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Takes a lock file; one whose owner has died is nobody's. @returns whether it is ours */
function lockedBy(lock: string, pid: number): boolean {
  try {
    writeFileSync(lock, String(pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isDead(lock)) rmSync(lock, { force: true });
  return false;
}

function isDead(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** The class path to run one of the classes of {@link DRIVERS} on, with that client's jars. */
export function driverClassPath(set: JarSet): string {
  return [driverClasses(set), classPath(set)].join(delimiter);
}

function answers(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function fetchJars(set: JarSet): string | undefined {
  const directory = join(cacheDirectory(), set);
  const library = join(directory, 'lib');
  if (existsSync(library)) return undefined;
  // A registry that doesn't answer is asked once a run, not once a suite.
  const failure = `${directory}.failed`;
  if (existsSync(failure)) {
    const [run, ...reason] = readFileSync(failure, 'utf8').split('\n');
    if (run === String(process.ppid)) return reason.join('\n');
  }
  if (!answers('mvn', '-v')) return 'no mvn: install Maven, 3.8 or later';
  const partial = `${directory}.${process.pid}`;
  const run = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      join(interopDirectory, 'maven', `${set}.pom.xml`),
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(partial, 'lib')}`,
    ],
    { encoding: 'utf8', timeout: FETCH_TIMEOUT_MS },
  );
  if (run.status === 0) {
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
    rmSync(failure, { force: true });
    return undefined;
  }
  rmSync(partial, { recursive: true, force: true });
  const said =
    `${run.stdout}\n${run.stderr}`.split('\n').find((line) => line.includes('ERROR')) ?? 'no answer in time';
  const reason = `Maven could not fetch ${set}: ${said.slice(0, 300)}`;
  mkdirSync(dirname(failure), { recursive: true });
  writeFileSync(failure, `${process.ppid}\n${reason}`);
  return reason;
}

function driverSources(set: JarSet): string | undefined {
  return DRIVERS[set.slice(0, set.indexOf('-'))];
}

function javaSources(set: JarSet): string[] {
  const directory = join(interopDirectory, driverSources(set) ?? '');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.java'))
    .sort()
    .map((name) => join(directory, name));
}

/** Keyed by the sources, so that an edited driver is compiled anew. */
function driverClasses(set: JarSet): string {
  const hash = createHash('sha256');
  for (const source of javaSources(set)) hash.update(readFileSync(source));
  return join(cacheDirectory(), set, `classes-${hash.digest('hex').slice(0, 12)}`);
}

function compileDrivers(set: JarSet): string | undefined {
  const classes = driverClasses(set);
  if (existsSync(classes)) return undefined;
  const partial = `${classes}.${process.pid}`;
  const run = spawnSync(
    'javac',
    [
      '-proc:none',
      '-nowarn',
      '-encoding',
      'UTF-8',
      '-d',
      partial,
      '-cp',
      classPath(set),
      ...javaSources(set),
    ],
    { encoding: 'utf8', timeout: FETCH_TIMEOUT_MS },
  );
  // A driver that doesn't compile is a defect of the tests, not of the machine: it must not hide as a skip.
  if (run.status !== 0) throw new Error(`javac failed against ${set}:\n${run.stderr}`);
  renameSync(partial, classes);
  return undefined;
}
