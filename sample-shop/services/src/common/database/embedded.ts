import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { EmbeddedDatabase } from '@nest-rocketmq/consumer-log/pglite';

/** In the data directory: the database's files, and the URL of the process that has them open. */
const FILES = 'database';
const URL_FILE = 'database.url';

/** Enough for every service's connections, and some more. */
const CONNECTIONS = 100;

/** A database for who needs one, and how to leave it. */
export interface OpenDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a PostgreSQL in this process on the files of a data directory. They can be open in one process only; others are told
 * where it is by a file.
 * @throws Error when another process has them open
 */
export async function startEmbedded(dataDirectory: string): Promise<OpenDatabase> {
  const running = await runningUrl(dataDirectory);
  if (running !== undefined)
    throw new Error(`Another shop has the database in ${dataDirectory} open: stop it, or set SHOP_DATA_DIR`);
  await mkdir(dataDirectory, { recursive: true });
  const database = await EmbeddedDatabase.start({
    directory: join(dataDirectory, FILES),
    maxConnections: CONNECTIONS,
  });
  await writeFile(join(dataDirectory, URL_FILE), database.url);
  return {
    url: database.url,
    async close() {
      await rm(join(dataDirectory, URL_FILE), { force: true });
      await database.close();
    },
  };
}

/** The database of a data directory: that of the shop that runs there, or its files. @throws Error when no shop ever ran there */
export async function openEmbedded(dataDirectory: string): Promise<OpenDatabase> {
  const url = await runningUrl(dataDirectory);
  return url === undefined ? startEmbedded(dataDirectory) : { url, close: async () => {} };
}

/** Where the process is that has the files open; one that was killed has left its URL behind, and answers no more. */
async function runningUrl(dataDirectory: string): Promise<string | undefined> {
  const url = await readFile(join(dataDirectory, URL_FILE), 'utf8').catch(() => undefined);
  if (url === undefined) return undefined;
  const { hostname, port } = new URL(url);
  return (await answers(hostname, Number(port))) ? url : undefined;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
