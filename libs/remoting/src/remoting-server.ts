import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { MQVersion, ResponseCode } from '@nest-rocketmq/protocol';
import { RocketMQError, type Scheduled } from '@nest-rocketmq/runtime';
import { plainIp } from './address.ts';
import { ConnectionCounts } from './connection-counts.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { Connection } from './connection.ts';
import { ResponseError, systemCode } from './errors.ts';
import { createParts, type RemotingOptions } from './parts.ts';
import type { HotProcessor, RequestGuard, RequestProcessor } from './processors.ts';
import { adoptSocket, releaseSocket } from './sockets.ts';
import type { Tick } from './tick.ts';
import { TLS_HANDSHAKE, TlsAcceptor } from './tls/tls-acceptor.ts';
import type { TlsServerConfig } from './tls/tls-config.ts';

/** Java's `soBacklog`. */
const BACKLOG = 1024;

/** How a {@link RemotingServer} is made. */
export interface RemotingServerOptions extends RemotingOptions {
  /** The address to bind: `127.0.0.1` is for this machine only, `0.0.0.0` for all. */
  host: string;
  /** 0: a free port, which {@link RemotingServer.listen} tells. */
  port: number;
  /** TLS on the same port. Default: none, a TLS handshake is refused. */
  tls?: TlsServerConfig | undefined;
  /** Reads all connections through one shared buffer, where Node allows it. Default true. */
  sharedReads?: boolean;
}

/**
 * Serves RocketMQ's protocol on one port, as `NettyRemotingServer` does. A peer that breaks the protocol or a limit loses its
 * connection, and nothing else happens.
 */
export class RemotingServer {
  readonly #options: RemotingServerOptions;
  readonly #parts: ReturnType<typeof createParts>;
  readonly #watch: ConnectionWatch;
  readonly #connections = new Set<Connection>();
  readonly #connectListeners: ((connection: Connection) => void)[] = [];
  readonly #disconnectListeners: ((connection: Connection, reason: string) => void)[] = [];
  readonly #leaving = new Set<Promise<void>>();
  readonly #tls: TlsAcceptor;
  /** Those that have sent nothing yet, where that decides what they are; each with the end of our patience. */
  readonly #unknown = new Map<Socket, Scheduled>();
  #server: Server | undefined;
  readonly #counts: ConnectionCounts;

  constructor(options: RemotingServerOptions) {
    this.#options = options;
    this.#parts = createParts(options, true);
    this.#watch = new ConnectionWatch(this.#parts.clock);
    this.#counts = new ConnectionCounts(this.#parts.limits, this.#parts.logger);
    this.#tls = new TlsAcceptor(options.tls ?? { mode: 'permissive' }, this.#parts.clock, this.#parts.logger);
  }

  /** The tick its connections write in. */
  get tick(): Tick {
    return this.#parts.tick;
  }

  /** The connections that are open now. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Serves requests of `code` by `processor`; the last registration counts. */
  register(code: number, processor: RequestProcessor): void {
    this.#parts.processors.register(code, processor);
  }

  /** Asks `processor` first for requests of `code`: see {@link HotProcessor}. */
  registerHot(code: number, processor: HotProcessor): void {
    this.#parts.processors.registerHot(code, processor);
  }

  /** Serves the codes that nobody registered for; without it they are answered code 3. */
  registerDefault(processor: RequestProcessor): void {
    this.#parts.processors.registerDefault(processor);
  }

  /** Has `guard` look at every request, of whatever code, before it is served. */
  registerGuard(guard: RequestGuard): void {
    this.#parts.processors.registerGuard(guard);
  }

  /**
   * Tells clients from 5.3.2 on to go elsewhere: from now on their requests are answered GO_AWAY (1500), as when Java's server
   * shuts down gracefully. Older clients know no such answer and are served.
   */
  goAway(): void {
    this.registerGuard((_connection, { version }) => {
      if (version > MQVersion.V5_3_1) throw new ResponseError(ResponseCode.GO_AWAY, 'please go away');
    });
  }

  /** Calls `listener` for each accepted connection, before its first request. */
  onConnect(listener: (connection: Connection) => void): void {
    this.#connectListeners.push(listener);
  }

  /** Calls `listener` when a connection is gone, by whichever end. */
  onDisconnect(listener: (connection: Connection, reason: string) => void): void {
    this.#disconnectListeners.push(listener);
  }

  /**
   * Begins to listen.
   * @returns where: the port that was taken when `port` is 0
   * @throws RocketMQError `INVALID_CONFIG` when the address is in use or cannot be bound, `WRONG_STATE` when it listens
   */
  async listen(): Promise<{ host: string; port: number }> {
    if (this.#server !== undefined) throw new RocketMQError('WRONG_STATE', 'The server listens already');
    const { host, port } = this.#options;
    const server = createServer({ noDelay: true, pauseOnConnect: true });
    server.on('connection', (socket) => this.#accept(socket));
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, backlog: BACKLOG }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      this.#server = undefined;
      throw bindError(host, port, error);
    }
    // Accepting can fail for want of file descriptors: those that are open go on.
    server.on('error', (error) =>
      this.#parts.logger.error(`Cannot accept connections on ${host}:${port}`, error),
    );
    const bound = server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /**
   * Stops listening, writes what the last tick has to say, and closes all connections. Resolves when no socket and no timer
   * is left; calling it again, or before `listen()`, does no harm.
   */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const stopped = server && new Promise<void>((resolve) => server.close(() => resolve()));
    try {
      this.#parts.tick.flushNow();
    } finally {
      // A commit that fails still fails the close, but leaves nothing open.
      this.#tls.close();
      for (const socket of this.#unknown.keys()) socket.destroy();
      for (const connection of this.#connections) connection.close('the server is shutting down');
      await Promise.all([...this.#leaving, stopped]);
      this.#parts.wheel.clear();
    }
  }

  #accept(accepted: Socket): void {
    const ip = plainIp(accepted.remoteAddress ?? '');
    if (!this.#counts.enter(ip)) {
      accepted.destroy();
      return;
    }
    const leave = (): void => this.#counts.leave(ip);
    let connection: Connection | undefined;
    let fresh = this.#tls.ready;
    const socket = adoptSocket(
      accepted,
      (chunk, length) => {
        if (fresh) {
          fresh = false;
          connection = this.#begin(socket, chunk, length, leave);
        }
        connection?.receive(chunk, length);
      },
      this.#options.sharedReads ?? true,
    );
    socket.once('close', leave);
    if (fresh) this.#awaitFirstByte(socket);
    else this.#open((connection = new Connection(socket, this.#parts)));
  }

  /** Keeps a connection of which nothing is known yet; it is closed when it stays silent. */
  #awaitFirstByte(socket: Socket): void {
    const { clock, limits } = this.#parts;
    const silent = clock.schedule(limits.idleMs, () => socket.destroy());
    this.#unknown.set(socket, silent);
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#forget(socket));
  }

  #forget(socket: Socket): void {
    this.#unknown.get(socket)?.cancel();
    this.#unknown.delete(socket);
  }

  /** The connection of a socket whose first bytes are there; undefined when it has to become a secure one first. */
  #begin(socket: Socket, chunk: Buffer, length: number, leave: () => void): Connection | undefined {
    this.#forget(socket);
    if (chunk[0] === TLS_HANDSHAKE) {
      const first = Buffer.from(chunk.subarray(0, length));
      socket.off('close', leave);
      const released = releaseSocket(socket);
      released.once('close', leave);
      this.#tls.accept(released, first, (secure) => {
        const connection = new Connection(secure, this.#parts);
        secure.on('data', (data: Buffer) => connection.receive(data, data.length));
        this.#open(connection);
      });
      return undefined;
    }
    if (this.#tls.mode === 'enforcing') {
      const { remoteAddress, remotePort } = socket;
      this.#parts.logger.warn(
        `Closing the connection with ${remoteAddress}:${remotePort}: it is not encrypted, and tls.server.mode is enforcing`,
      );
      socket.destroy();
      return undefined;
    }
    socket.removeAllListeners('end');
    const connection = new Connection(socket, this.#parts);
    this.#open(connection);
    return connection;
  }

  #open(connection: Connection): void {
    this.#connections.add(connection);
    this.#watch.add(connection);
    connection.onClose((reason) => {
      this.#connections.delete(connection);
      this.#watch.delete(connection);
      const gone = connection.finished();
      this.#leaving.add(gone);
      void gone.then(() => this.#leaving.delete(gone));
      for (const listener of this.#disconnectListeners) listener(connection, reason);
    });
    for (const listener of this.#connectListeners) listener(connection);
  }
}

function bindError(host: string, port: number, error: unknown): RocketMQError {
  const address = `${host}:${port}`;
  const code = systemCode(error);
  const hints: Record<string, string> = {
    EADDRINUSE: 'another process uses that port. Stop it, or choose another port (listenPort)',
    EADDRNOTAVAIL: 'this machine has no such address. Choose one it has, such as 127.0.0.1 or 0.0.0.0',
    EACCES: 'this user may not use that port. Choose one above 1023',
    ENOTFOUND: 'the host name is unknown. Give an address of this machine, such as 127.0.0.1 or 0.0.0.0',
  };
  const hint = Object.hasOwn(hints, code) ? hints[code] : code;
  return new RocketMQError('INVALID_CONFIG', `Cannot listen on ${address}: ${hint}`, {
    cause: error,
    address,
  });
}
