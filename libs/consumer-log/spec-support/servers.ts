import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { open, type DatabaseKind } from './databases.ts';

const POSTGRES_BIN = newest('/usr/lib/postgresql');
const MARIADBD = '/usr/sbin/mariadbd';
const START_MS = 30_000;

/** A PostgreSQL of its own, where one is installed; or the empty database that TEST_POSTGRES_URL names. */
export const postgres: DatabaseKind = {
  name: 'PostgreSQL',
  missing:
    process.env.TEST_POSTGRES_URL === undefined && POSTGRES_BIN === undefined
      ? 'PostgreSQL is not installed, and TEST_POSTGRES_URL is not set'
      : undefined,
  start: () =>
    start(
      process.env.TEST_POSTGRES_URL,
      (url) => ({ type: 'postgres', url }),
      async () => {
        const bin = POSTGRES_BIN ?? '';
        const { directory, identity } = home('postgres');
        const data = join(directory, 'data');
        execFileSync(
          join(bin, 'initdb'),
          ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--no-instructions'],
          {
            ...identity,
            stdio: 'ignore',
          },
        );
        const port = await freePort();
        const settings = ['-F', '-h', '127.0.0.1', '-p', String(port), '-k', directory];
        const child = spawn(join(bin, 'postgres'), ['-D', data, ...settings], {
          ...identity,
          stdio: 'ignore',
        });
        return { child, directory, url: `postgres://postgres@127.0.0.1:${port}/postgres`, signal: 'SIGINT' };
      },
    ),
};

/** A MariaDB of its own, where one is installed, or the empty database that TEST_MYSQL_URL names; and its driver. */
export const mariadb: DatabaseKind = {
  name: 'MariaDB',
  missing: !hasModule('mysql2')
    ? 'the driver mysql2 is not installed'
    : process.env.TEST_MYSQL_URL === undefined && !existsSync(MARIADBD)
      ? 'MariaDB is not installed, and TEST_MYSQL_URL is not set'
      : undefined,
  start: () =>
    start(
      process.env.TEST_MYSQL_URL,
      (url) => ({ type: 'mariadb', url, driver: loadModule('mysql2') }),
      async () => {
        const { directory } = home('mysql');
        const data = join(directory, 'data');
        const user = process.getuid?.() === 0 ? 'mysql' : 'nobody';
        const common = ['--no-defaults', `--datadir=${data}`, `--user=${user}`];
        execFileSync(
          'mariadb-install-db',
          [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
          { stdio: 'ignore' },
        );
        const port = await freePort();
        const settings = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(directory, 's')}`];
        const first = join(directory, 'first.sql');
        writeFileSync(first, 'CREATE DATABASE spec;\n');
        const child = spawn(MARIADBD, [...common, ...settings, `--init-file=${first}`], { stdio: 'ignore' });
        return { child, directory, url: `mysql://root@127.0.0.1:${port}/spec`, signal: 'SIGTERM' };
      },
    ),
};

interface Server {
  child: ChildProcess;
  directory: string;
  url: string;
  signal: NodeJS.Signals;
}

async function start(
  given: string | undefined,
  options: (url: string) => DataSourceOptions,
  launch: () => Promise<Server>,
): ReturnType<DatabaseKind['start']> {
  if (given !== undefined) {
    const dataSource = await open(options(given));
    return { dataSource, url: given, close: () => dataSource.destroy() };
  }
  const { child, directory, url, signal } = await launch();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill(signal);
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const dataSource = await whenUp(() => open(options(url)), child);
    return { dataSource, url, close: () => dataSource.destroy().then(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function whenUp(connect: () => Promise<DataSource>, child: ChildProcess): Promise<DataSource> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A directory for a server, which does not run as root; it runs as the user of its package then. */
function home(user: string): { directory: string; identity: { uid?: number; gid?: number } } {
  const directory = mkdtempSync(`/tmp/${user}-`);
  if (process.getuid?.() !== 0) return { directory, identity: {} };
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${user}:`));
  const [, , uid, gid] = entry?.split(':').map(Number) ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`There is no user ${user}`);
  chownSync(directory, uid, gid);
  chmodSync(directory, 0o755);
  return { directory, identity: { uid, gid } };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function newest(directory: string): string | undefined {
  if (!existsSync(directory)) return undefined;
  const versions = readdirSync(directory).filter((version) =>
    existsSync(join(directory, version, 'bin/initdb')),
  );
  const [version] = versions.sort((a, b) => Number(b) - Number(a));
  return version === undefined ? undefined : join(directory, version, 'bin');
}

function hasModule(name: string): boolean {
  try {
    return Boolean(createRequire(import.meta.url).resolve(name));
  } catch {
    return false;
  }
}

function loadModule(name: string): unknown {
  return createRequire(import.meta.url)(name);
}
