import type { Socket } from 'node:net';
import { RocketMQError, sleep, type Clock } from '@nest-rocketmq/runtime';
import type { HostAndPort } from './address.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { systemCode } from './errors.ts';
import { connectSecureSocket, connectSocket } from './sockets.ts';
import type { TlsConnector } from './tls/tls-connector.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2000;

/** What a {@link Peer} needs of its client. */
export interface PeerOptions {
  readonly parts: ConnectionParts & { clock: Clock };
  readonly connectTimeoutMs: number;
  /** How to connect securely; undefined: plainly. */
  readonly tls: TlsConnector | undefined;
  onConnected(connection: Connection): void;
  onDisconnected(connection: Connection, reason: string): void;
}

/**
 * One address: its connection while there is one, and the attempt to make it, shared by all who ask meanwhile. After a
 * failure the next attempt waits 100 ms, after each further one twice as long, up to 2 s and a fifth more or less by chance.
 */
export class Peer {
  readonly address: string;
  readonly #target: HostAndPort;
  readonly #options: PeerOptions;
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #attempt: Promise<Connection> | undefined;
  #gone: Promise<void> | undefined;
  #failures = 0;
  #retryAt = 0;
  #lastError: RocketMQError | undefined;

  constructor(address: string, target: HostAndPort, options: PeerOptions) {
    this.address = address;
    this.#target = target;
    this.#options = options;
  }

  /** The connection, when it is open. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * The connection, or the attempt to make one. When the next attempt is more than `timeoutMs` away, fails at once with
   * what went wrong last.
   */
  connect(timeoutMs: number): Promise<Connection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    if (this.#attempt !== undefined) return this.#attempt;
    // Bounded, for the clock may have been set back since.
    const delay = Math.min(2 * MAX_DELAY_MS, Math.max(0, this.#retryAt - this.#options.parts.clock.now()));
    if (delay > timeoutMs && this.#lastError !== undefined) return Promise.reject(this.#lastError);
    const attempt = this.#open(delay);
    this.#attempt = attempt;
    void this.#forget(attempt);
    return attempt;
  }

  /**
   * Gives up a connection whose other end wants it to be closed: the next request makes a new one. What waits for an answer
   * on the old one is still answered there.
   */
  renew(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  /** Closes the connection, ends the attempt, and resolves when the socket is gone. */
  async close(reason: string): Promise<void> {
    this.#stop.abort(
      new RocketMQError('CONNECTION_CLOSED', `${this.address}: ${reason}`, { address: this.address }),
    );
    const attempt = this.#attempt;
    this.#connection?.close(reason);
    await attempt?.catch(() => undefined);
    await this.#gone;
  }

  async #forget(attempt: Promise<Connection>): Promise<void> {
    await attempt.catch(() => undefined);
    if (this.#attempt === attempt) this.#attempt = undefined;
  }

  async #open(delayMs: number): Promise<Connection> {
    const { parts } = this.#options;
    const { signal } = this.#stop;
    if (delayMs > 0) await sleep(parts.clock, delayMs, signal);
    signal.throwIfAborted();
    try {
      const connection = await this.#dial(signal);
      if (signal.aborted) connection.close();
      signal.throwIfAborted();
      this.#connection = connection;
      connection.onClose((reason) => this.#onClosed(connection, reason));
      if (!connection.closed) this.#options.onConnected(connection);
      return connection;
    } catch (error) {
      if (error instanceof RocketMQError) this.#failed(error);
      throw error;
    }
  }

  #dial(signal: AbortSignal): Promise<Connection> {
    const { parts, connectTimeoutMs, tls } = this.#options;
    return new Promise((resolve, reject) => {
      let connection: Connection | undefined;
      const onBytes = (chunk: Buffer, length: number): void => connection?.receive(chunk, length);
      const socket: Socket = tls
        ? connectSecureSocket(this.#target, tls.options(), onBytes)
        : connectSocket(this.#target, onBytes);
      const settle = (): void => {
        timeout.cancel();
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
      };
      const fail = (error: unknown): void => {
        settle();
        // Whatever else the socket has to say comes too late to matter.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      };
      const onError = (error: Error): void => fail(this.#connectError(systemCode(error), error));
      const onAbort = (): void => fail(signal.reason);
      const timeout = parts.clock.schedule(connectTimeoutMs, () =>
        fail(this.#connectError(`no answer within ${connectTimeoutMs} ms`)),
      );
      socket.on('error', onError);
      signal.addEventListener('abort', onAbort);
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        settle();
        connection = new Connection(socket, parts, this.address);
        resolve(connection);
      });
    });
  }

  #onClosed(connection: Connection, reason: string): void {
    if (this.#connection === connection) this.#connection = undefined;
    // A peer that accepts and hangs up at once is as good as one that refuses.
    if (connection.heard) this.#failures = 0;
    else this.#failed(this.#connectError(reason));
    this.#options.onDisconnected(connection, reason);
  }

  #failed(error: RocketMQError): void {
    const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    this.#retryAt = this.#options.parts.clock.now() + delay * (0.8 + 0.4 * Math.random());
    this.#lastError = error;
  }

  #connectError(what: string, cause?: unknown): RocketMQError {
    return new RocketMQError(
      'CONNECT_FAILED',
      `Cannot connect to ${this.address}: ${what}. Is a NameServer or broker running there, and can this machine reach it?`,
      { cause, address: this.address },
    );
  }
}
