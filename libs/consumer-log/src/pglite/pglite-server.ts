import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { ClientMessages, type ClientMessage } from './client-messages.ts';

/** One connection: what it asks for, in units that nothing may come between. */
interface Connection {
  readonly socket: Socket;
  readonly messages: ClientMessages;
  /** What came of a unit that is not complete. */
  incomplete: Uint8Array[];
  readonly units: Uint8Array[][];
  /** Whether the last unit left an extended query open, which its Sync ends. */
  open: boolean;
  closed: boolean;
}

/** Messages that belong to what follows: Parse, Bind, Describe, Execute, Close; and Flush, which wants what there is so far. */
const CONTINUED = new Set(['P', 'B', 'D', 'E', 'C']);
const FLUSH = 'H'.charCodeAt(0);
const TERMINATE = 'X';
const SYNC = Uint8Array.from([0x53, 0, 0, 0, 4]);
const ROLLBACK = Buffer.from('Q\0\0\0\rROLLBACK\0', 'latin1');
const NO_ENCRYPTION = 'N';
/** ReadyForQuery, but for its last byte, the state of the transaction. */
const READY = Buffer.from('Z\0\0\0\x05', 'latin1');
const READY_LENGTH = 6;

/**
 * Serves a PGlite, which has one session, to several connections. A statement with parameters is several messages; they are
 * executed together, or each connection would execute what another one prepared. A connection in a transaction has the database
 * for itself until its end; one that is lost has its transaction rolled back.
 */
export class PGliteServer {
  readonly #database: PGlite;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #owner: Connection | undefined;
  #draining: Promise<void> | undefined;

  private constructor(database: PGlite, maxConnections: number) {
    this.#database = database;
    this.#server = createServer((socket) => this.#connected(socket));
    this.#server.maxConnections = maxConnections;
  }

  /** Listens on the loopback interface. @throws what the system says when the port is taken */
  static async start(database: PGlite, port: number, maxConnections: number): Promise<PGliteServer> {
    const server = new PGliteServer(database, maxConnections);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections, and what they are at. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { socket } of this.#connections) socket.destroy();
    await closed;
    await this.#draining;
  }

  #connected(socket: Socket): void {
    const messages = new ClientMessages();
    const connection = { socket, messages, incomplete: [], units: [], open: false, closed: false };
    this.#connections.add(connection);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#received(connection, bytes));
    // What is wrong with a socket closes it.
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.closed = true;
      this.#drain();
    });
  }

  #received(connection: Connection, bytes: Buffer): void {
    let messages: ClientMessage[];
    try {
      messages = connection.messages.push(bytes);
    } catch {
      connection.socket.destroy();
      return;
    }
    for (const message of messages) this.#take(connection, message);
    this.#drain();
  }

  #take(connection: Connection, { type, bytes }: ClientMessage): void {
    if (type === 'encryption') connection.socket.write(NO_ENCRYPTION);
    else if (type === 'cancel' || type === TERMINATE) connection.socket.end();
    else {
      connection.incomplete.push(Uint8Array.from(bytes));
      if (CONTINUED.has(type)) return;
      connection.units.push(connection.incomplete);
      connection.incomplete = [];
    }
  }

  #drain(): void {
    this.#draining ??= this.#run().finally(() => {
      this.#draining = undefined;
    });
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next; next = this.#next()) {
      if (next.closed) await this.#leave(next);
      else await this.#execute(next, next.units.shift() ?? []);
    }
  }

  /** Whose turn it is: of whoever is in the middle of something, else of each in turn. */
  #next(): Connection | undefined {
    const waits = (connection: Connection): boolean => connection.closed || connection.units.length > 0;
    if (this.#owner) return waits(this.#owner) ? this.#owner : undefined;
    for (const connection of this.#connections) {
      if (!waits(connection)) continue;
      this.#connections.delete(connection);
      this.#connections.add(connection);
      return connection;
    }
    return undefined;
  }

  async #execute(connection: Connection, unit: readonly Uint8Array[]): Promise<void> {
    const flushed = unit.at(-1)?.[0] === FLUSH;
    try {
      for (const [index, message] of unit.entries()) {
        const answer = await this.#send(message);
        // PGlite says that it is ready right after an error, and once more after the Sync: a client that heard it twice would
        // take the second one for the end of its next query.
        const early = (flushed || index < unit.length - 1) && endsReady(answer);
        if (connection.socket.writable)
          connection.socket.write(early ? answer.subarray(0, -READY_LENGTH) : answer);
      }
    } catch {
      // The database could not even say what is wrong.
      connection.socket.destroy();
    }
    connection.open = flushed;
    this.#owner = flushed || this.#database.isInTransaction() ? connection : undefined;
  }

  /** Ends what a lost connection was at, for the others. */
  async #leave(connection: Connection): Promise<void> {
    this.#connections.delete(connection);
    if (this.#owner !== connection) return;
    if (connection.open) await this.#send(SYNC);
    if (this.#database.isInTransaction()) await this.#send(ROLLBACK);
    this.#owner = undefined;
  }

  async #send(message: Uint8Array): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    const onRawData = (data: Uint8Array): void => void parts.push(Uint8Array.from(data));
    await this.#database.runExclusive(() => this.#database.execProtocolRawStream(message, { onRawData }));
    return Buffer.concat(parts);
  }
}

/** Whether an answer ends with ReadyForQuery. */
function endsReady(answer: Buffer): boolean {
  return answer.length >= READY_LENGTH && answer.subarray(-READY_LENGTH, -1).equals(READY);
}
