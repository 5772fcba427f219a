import { ResponseCode, type RemotingCommand } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { parseAddress } from './address.ts';
import { abortedError } from './command-handler.ts';
import { ConnectionWatch } from './connection-watch.ts';
import type { Connection } from './connection.ts';
import { createParts, type RemotingOptions } from './parts.ts';
import { Peer } from './peer.ts';
import type { RequestProcessor } from './processors.ts';
import type { Tick } from './tick.ts';
import { TlsConnector } from './tls/tls-connector.ts';
import type { TlsClientConfig } from './tls/tls-config.ts';
import { within } from './within.ts';

/** How a {@link RemotingClient} is made. */
export interface RemotingClientOptions extends RemotingOptions {
  /** How long connecting may take, in milliseconds. Default 3000, as in Java. */
  connectTimeoutMs?: number | undefined;
  /** Connects with TLS. Default: without. */
  tls?: TlsClientConfig | undefined;
}

/**
 * Talks to any number of NameServers and brokers over one connection each, made when it is first needed and again after it
 * was lost (`NettyRemotingClient`). Requests are pipelined; the peer may send requests too.
 */
export class RemotingClient {
  readonly #parts: ReturnType<typeof createParts>;
  readonly #watch: ConnectionWatch;
  readonly #connectTimeoutMs: number;
  readonly #tls: TlsConnector | undefined;
  readonly #peers = new Map<string, Peer>();
  readonly #leaving = new Set<Promise<void>>();
  /** Given up for new ones, and open for what waits on them. */
  readonly #retired = new Set<Connection>();
  readonly #disconnectListeners: ((address: string, reason: string) => void)[] = [];
  #closed = false;

  /** @throws RocketMQError `INVALID_CONFIG` when the files of `tls` can't be used */
  constructor(options: RemotingClientOptions = {}) {
    this.#parts = createParts(options, false);
    this.#watch = new ConnectionWatch(this.#parts.clock);
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 3000;
    this.#tls = options.tls && new TlsConnector(options.tls);
  }

  /** The tick its connections write in. */
  get tick(): Tick {
    return this.#parts.tick;
  }

  /**
   * The connection with `address` (`host:port`), made when there is none. All who ask at the same time share one attempt;
   * after a failure the next attempt waits a little (100 ms doubling up to 2 s), and when it would come later than
   * `timeoutMs` from now the call fails at once.
   * @param timeoutMs milliseconds; default: the client's `connectTimeoutMs`
   * @throws RocketMQError `CONNECT_FAILED`, `TIMEOUT`, `ABORTED`, `WRONG_STATE` after `close()`, `INVALID_ARGUMENT` when
   *   `address` is none
   */
  async connection(
    address: string,
    timeoutMs = this.#connectTimeoutMs,
    signal?: AbortSignal,
  ): Promise<Connection> {
    if (this.#closed) throw new RocketMQError('WRONG_STATE', 'The remoting client is closed', { address });
    if (signal?.aborted) throw abortedError(signal);
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = new Peer(address, parseAddress(address), {
        parts: this.#parts,
        connectTimeoutMs: this.#connectTimeoutMs,
        tls: this.#tls,
        onConnected: (connection) => this.#watch.add(connection),
        onDisconnected: (connection, reason) => this.#onDisconnected(address, connection, reason),
      });
      this.#peers.set(address, peer);
    }
    return (
      peer.connection ??
      within(this.#parts.wheel, peer.connect(timeoutMs), timeoutMs, signal, () => {
        return new RocketMQError('TIMEOUT', `No connection with ${address} within ${timeoutMs} ms`, {
          address,
        });
      })
    );
  }

  /** The connection with `address`, when it is open. */
  existing(address: string): Connection | undefined {
    return this.#peers.get(address)?.connection;
  }

  /**
   * Sends a request and waits for its answer, whatever its response code. One that a connection answers GO_AWAY (1500), since its
   * server or what stands before it is about to close, is sent once more on a new one.
   * @param timeoutMs milliseconds for all of it, connecting included
   * @throws RocketMQError as {@link connection} and `Connection.request`
   */
  async invoke(
    address: string,
    request: RemotingCommand,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<RemotingCommand> {
    const { clock } = this.#parts;
    const begin = clock.now();
    const existing = this.existing(address);
    if (existing !== undefined) {
      const answer = await existing.request(request, timeoutMs, signal);
      if (answer.code !== ResponseCode.GO_AWAY) return answer;
      this.renew(address, existing);
    }
    const connection = await this.connection(address, timeoutMs, signal);
    const left = Math.min(timeoutMs, timeoutMs - (clock.now() - begin));
    return connection.request(request, Math.max(1, left), signal);
  }

  /**
   * Sends a request that is never answered; resolves when it is on its way to the socket.
   * @throws RocketMQError as {@link connection} and `Connection.oneway`
   */
  async oneway(address: string, request: RemotingCommand): Promise<void> {
    const connection = this.existing(address) ?? (await this.connection(address));
    connection.oneway(request);
  }

  /** Serves requests of `code` that the peers send; others are answered code 3. */
  register(code: number, processor: RequestProcessor): void {
    this.#parts.processors.register(code, processor);
  }

  /** Calls `listener` when a connection is gone, by whichever end. */
  onDisconnect(listener: (address: string, reason: string) => void): void {
    this.#disconnectListeners.push(listener);
  }

  /**
   * Uses another connection for the next requests to `address`, because this one was answered GO_AWAY; it is closed when nothing
   * waits on it any more.
   */
  renew(address: string, connection: Connection): void {
    this.#peers.get(address)?.renew(connection);
    const retired = {
      watch: (): void => {
        if (connection.inFlight === 0) connection.close('the other end said to go away');
      },
    };
    this.#watch.add(retired);
    this.#retired.add(connection);
    connection.onClose(() => {
      this.#watch.delete(retired);
      this.#retired.delete(connection);
    });
  }

  /** Closes the connection with `address`, or gives up making it; the next request makes a new one. */
  disconnect(address: string): void {
    void this.#leave(address, 'it was closed on this side');
  }

  /**
   * Writes what the last tick has to say and closes all connections; what waits for an answer fails with `CONNECTION_CLOSED`. Resolves when no socket and no timer is
   * left. The client cannot be used again.
   */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      this.#parts.tick.flushNow();
    } finally {
      for (const address of this.#peers.keys()) void this.#leave(address, 'the client is shutting down');
      for (const connection of this.#retired) connection.close('the client is shutting down');
      await Promise.all(this.#leaving);
      this.#parts.wheel.clear();
    }
  }

  #leave(address: string, reason: string): Promise<void> {
    const peer = this.#peers.get(address);
    if (peer === undefined) return Promise.resolve();
    this.#peers.delete(address);
    const gone = peer.close(reason);
    this.#leaving.add(gone);
    return gone.then(() => void this.#leaving.delete(gone));
  }

  #onDisconnected(address: string, connection: Connection, reason: string): void {
    this.#watch.delete(connection);
    const gone = connection.finished();
    this.#leaving.add(gone);
    void gone.then(() => this.#leaving.delete(gone));
    for (const listener of this.#disconnectListeners) listener(address, reason);
  }
}
