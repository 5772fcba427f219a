import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { StoreLock } from '@nest-rocketmq/store';
import { javaLockHolder } from './java-lock.ts';

const PROBE_TIMEOUT_MS = 1000;

/**
 * Keeps a second broker off a store directory, without native code: the holder listens on a local socket whose name is
 * made from the directory's real path. On Linux that is an abstract socket, which vanishes with its process however it
 * ends; elsewhere a named pipe, or a socket file that is found stale when nobody answers on it. On Linux a Java broker
 * is noticed by its POSIX lock on the `lock` file. (A Java broker started later does not notice this one.)
 *
 * Abstract sockets belong to a network namespace: two containers that share a directory do not see each other.
 */
export function localSocketLock(platform: NodeJS.Platform = process.platform): StoreLock {
  return new LocalSocketLock(platform);
}

class LocalSocketLock implements StoreLock {
  readonly #platform: NodeJS.Platform;
  readonly #token = randomUUID();
  #server: Server | undefined;

  constructor(platform: NodeJS.Platform) {
    this.#platform = platform;
  }

  async acquire(rootDir: string): Promise<void> {
    await mkdir(rootDir, { recursive: true });
    const directory = await realpath(rootDir);
    if (this.#platform === 'linux') {
      const holder = await javaLockHolder(join(directory, 'lock'));
      if (holder !== undefined) throw locked(directory, `the process ${holder}`);
    }
    const path = lockSocketPath(directory, this.#platform);
    this.#server = await this.#listen(path, directory);
  }

  async release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #listen(path: string, directory: string): Promise<Server> {
    for (let attempt = 0; ; attempt++) {
      const server = createServer((socket) => this.#greet(socket));
      try {
        await listening(server, path);
      } catch (error) {
        if (codeOf(error) !== 'EADDRINUSE') throw error;
        const holder = await ask(path);
        if (holder !== undefined || attempt > 0 || !isFile(path)) throw locked(directory, holderText(holder));
        await rm(path, { force: true });
        continue;
      }
      server.unref();
      // Of two that found the same stale file, the one whose file was removed again must give way.
      if (isFile(path) && !(await ask(path))?.endsWith(this.#token)) {
        server.close();
        throw locked(directory, 'another process that is starting');
      }
      return server;
    }
  }

  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.end(`${process.pid} ${this.#token}`);
  }
}

/** @internal the socket that stands for a directory, given by its real path */
export function lockSocketPath(directory: string, platform: NodeJS.Platform): string {
  const name = `nest-rocketmq-store-${createHash('sha256').update(directory).digest('hex').slice(0, 40)}`;
  if (platform === 'linux') return `\0${name}`;
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // Socket paths are short on BSD systems: the store's own may be too long.
  return join(tmpdir(), `${name}.sock`);
}

function isFile(path: string): boolean {
  return !path.startsWith('\0') && !path.startsWith('\\\\');
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** What the holder says of itself, `pid token`; undefined when nobody answers. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    const done = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => done(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => done(text));
    socket.on('error', () => done(undefined));
  });
}

function holderText(answer: string | undefined): string {
  const pid = answer === undefined ? NaN : Number.parseInt(answer, 10);
  return Number.isInteger(pid) ? `the process ${pid}` : 'another process';
}

function locked(directory: string, holder: string): RocketMQError {
  return new RocketMQError(
    'STORE',
    `Lock failed, MQ already started: ${holder} holds the store ${directory}. ` +
      'Stop it, or give this broker another storePathRootDir',
  );
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
