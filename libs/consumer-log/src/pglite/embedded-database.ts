import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { PGliteServer } from './pglite-server.ts';

/** How an embedded database is set up. */
export interface EmbeddedDatabaseOptions {
  /** Where its files are; it is made when it isn't there. Default: in memory, gone with the process. */
  readonly directory?: string;
  /** On the loopback interface. Default: a free one. */
  readonly port?: number;
  /** How many connections it takes at the same time. Default 32. */
  readonly maxConnections?: number;
}

/** What `initdb` leaves in a directory that has a database. */
const DATABASE_MARK = 'PG_VERSION';

/**
 * PostgreSQL in this process (PGlite), for development and tests: an application knows nothing of it but its URL, and uses the
 * ordinary `pg` driver. It executes one query at a time, and a transaction holds everybody else up: never wait for a second
 * connection inside one. All connections share one session, so that `SET` is for all of them.
 */
export class EmbeddedDatabase {
  /** For TypeORM: `{ type: 'postgres', url }`. */
  readonly url: string;
  readonly #database: PGlite;
  readonly #server: PGliteServer;
  #closed: Promise<void> | undefined;

  private constructor(url: string, database: PGlite, server: PGliteServer) {
    this.url = url;
    this.#database = database;
    this.#server = server;
  }

  /** Starts a database, in about a second. @throws what the system says when the port is taken */
  static async start(options: EmbeddedDatabaseOptions = {}): Promise<EmbeddedDatabase> {
    const { directory, port = 0, maxConnections = 32 } = options;
    const there = directory !== undefined && existsSync(join(directory, DATABASE_MARK));
    const database = await PGlite.create({
      ...(directory === undefined ? {} : { dataDir: directory }),
      ...(there ? {} : { loadDataDir: await dataDir() }),
    });
    try {
      const server = await PGliteServer.start(database, port, maxConnections);
      return new EmbeddedDatabase(`postgres://postgres@127.0.0.1:${server.port}/postgres`, database, server);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Ends the connections and the database. Data sources have to be destroyed before. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#server.stop().then(() => this.#database.close());
    return this.#closed;
  }

  /** As {@link close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
