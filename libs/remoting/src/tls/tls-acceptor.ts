import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import {
  printable,
  RocketMQError,
  scheduleEvery,
  type Clock,
  type Logger,
  type Scheduled,
} from '@nest-rocketmq/runtime';
import { systemCode } from '../errors.ts';
import type { TlsServerConfig } from './tls-config.ts';
import { loadTlsFiles, tlsFilesState } from './tls-files.ts';

/** The first byte of a TLS record with a handshake. A plain frame begins with its length, which is never so large. */
export const TLS_HANDSHAKE = 0x16;
const HANDSHAKE_MS = 10_000;
/** How often the files are looked at for changes (`FileWatchService`). */
const WATCH_MS = 500;

/**
 * The TLS side of a server: makes secure connections of those that begin with a handshake, with certificates that are
 * read again when their files change.
 */
export class TlsAcceptor {
  readonly mode: TlsServerConfig['mode'];
  readonly #config: TlsServerConfig;
  readonly #logger: Logger;
  readonly #server: Server | undefined;
  /** The connections whose handshakes are under way, by the peer's address: its server tells of them by that alone. */
  readonly #pending = new Map<string, Pending>();
  readonly #watch: Scheduled | undefined;
  #state = '';

  /** @throws RocketMQError `INVALID_CONFIG` when the files can't be used, or there is no certificate and the mode is `enforcing` */
  constructor(config: TlsServerConfig, clock: Clock, logger: Logger) {
    this.mode = config.mode;
    this.#config = config;
    this.#logger = logger;
    if (config.mode === 'disabled') return;
    if (config.certPath === undefined) {
      if (config.mode === 'permissive') return;
      throw new RocketMQError(
        'INVALID_CONFIG',
        'tls.server.mode=enforcing needs a certificate: give tls.server.certPath and tls.server.keyPath (tls.config.file)',
      );
    }
    this.#state = tlsFilesState(config);
    this.#server = createServer({
      ...loadTlsFiles(config),
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: (config.needClientAuth ?? 'none') !== 'none',
      // Judged by ourselves: a certificate may be optional, or be from anybody.
      rejectUnauthorized: false,
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(socket, systemCode(error)));
    this.#server.on('error', (error) => this.#logger.error('TLS failed', error));
    this.#watch = scheduleEvery(clock, WATCH_MS, WATCH_MS, () => this.#reload());
  }

  /** Whether handshakes are taken. */
  get ready(): boolean {
    return this.#server !== undefined;
  }

  /**
   * Makes a secure connection of one whose first bytes are a handshake's.
   * @param socket a socket that doesn't read now
   * @param first what was read from it
   * @param onSecure called when the handshake is done; when it fails, the socket is closed and that is all
   */
  accept(socket: Socket, first: Buffer, onSecure: (secure: TLSSocket) => void): void {
    const server = this.#server;
    if (server === undefined) {
      socket.destroy();
      return;
    }
    const key = peerOf(socket);
    this.#pending.set(key, { socket, onSecure });
    socket.once('close', () => {
      if (this.#pending.get(key)?.socket === socket) this.#pending.delete(key);
    });
    socket.on('error', () => socket.destroy());
    socket.unshift(first);
    server.emit('connection', socket);
  }

  /** Ends the handshakes under way, and looks at no file any more. */
  close(): void {
    this.#watch?.cancel();
    for (const { socket } of this.#pending.values()) socket.destroy();
  }

  #secured(secure: TLSSocket): void {
    const key = peerOf(secure);
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    const problem = this.#problemOf(secure);
    if (pending === undefined || problem !== undefined) {
      this.#failed(secure, problem ?? 'it is not known');
      return;
    }
    pending.onSecure(secure);
  }

  /** What is wrong with the certificate of a client, when something is. */
  #problemOf(secure: TLSSocket): string | undefined {
    const { needClientAuth = 'none', authClient = false } = this.#config;
    if (needClientAuth === 'none') return undefined;
    if (secure.getPeerX509Certificate() === undefined) {
      return needClientAuth === 'require' ? 'the client shows no certificate' : undefined;
    }
    if (secure.authorized || !authClient) return undefined;
    return `the client's certificate is not trusted: ${String(secure.authorizationError)}`;
  }

  #failed(socket: Socket, reason: string): void {
    this.#logger.warn(`TLS handshake with ${printable(peerOf(socket))} failed: ${printable(reason)}`);
    socket.on('error', () => undefined);
    socket.destroy();
  }

  #reload(): void {
    const state = tlsFilesState(this.#config);
    if (state === this.#state) return;
    // Noted first: files that don't fit together are complained of once.
    this.#state = state;
    try {
      this.#server?.setSecureContext(loadTlsFiles(this.#config));
      this.#logger.info('TLS: the certificates changed and were read again');
    } catch (error) {
      this.#logger.error('TLS: the changed certificates can not be used, the ones before stay in use', error);
    }
  }
}

interface Pending {
  socket: Socket;
  onSecure(secure: TLSSocket): void;
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
