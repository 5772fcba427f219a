import { connect, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { HostAndPort } from './address.ts';

/** Takes the first `length` bytes of `chunk`; the chunk may be overwritten after the call. */
export type BytesListener = (chunk: Buffer, length: number) => void;

const READ_BYTES = 256 * 1024;
let readBuffer: Buffer | undefined;

/**
 * The buffer all sockets of the process read into. One is enough: what is read is handed on synchronously, before the
 * next socket's turn.
 */
function sharedReadBuffer(): Buffer {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  return readBuffer;
}

function onread(onBytes: BytesListener): {
  buffer: Buffer;
  callback: (length: number, chunk: Uint8Array) => boolean;
} {
  const buffer = sharedReadBuffer();
  return {
    buffer,
    callback: (length) => {
      onBytes(buffer, length);
      return true;
    },
  };
}

/** Begins to connect. What arrives goes from the shared read buffer to `onBytes`. */
export function connectSocket({ host, port }: HostAndPort, onBytes: BytesListener): Socket {
  return connect({ host, port, noDelay: true, onread: onread(onBytes) });
}

/** Begins to connect with TLS. What arrives goes to `onBytes`; it is ready at its event `secureConnect`. */
export function connectSecureSocket(
  { host, port }: HostAndPort,
  options: ConnectionOptions,
  onBytes: BytesListener,
): TLSSocket {
  const socket = connectTls({ ...options, host, port });
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => onBytes(chunk, chunk.length));
  return socket;
}

/** The part of a TCP handle that says it can read into a buffer of ours. */
interface ReadableHandle {
  useUserBuffer: unknown;
  readStart: unknown;
}

function isReadableHandle(handle: unknown): handle is ReadableHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof (handle as Partial<ReadableHandle>).useUserBuffer === 'function' &&
    typeof (handle as Partial<ReadableHandle>).readStart === 'function'
  );
}

/**
 * Begins to read from an accepted socket, which must have been accepted with `pauseOnConnect`.
 *
 * With `shared`, the handle is moved to a socket that reads into the shared buffer: `onread` is an option of outgoing
 * sockets only, and reading without it costs a quarter of the throughput with many connections. Node makes sockets from
 * handles in the same way when it passes them between processes; where a handle doesn't look as expected, the socket
 * stays as it is and is read by its 'data' events.
 * @returns the socket to use from now on
 */
export function adoptSocket(accepted: Socket, onBytes: BytesListener, shared: boolean): Socket {
  const husk = accepted as unknown as { _handle: unknown };
  const handle = husk._handle;
  if (!shared || !isReadableHandle(handle)) {
    accepted.on('data', (chunk: Buffer) => onBytes(chunk, chunk.length));
    accepted.resume();
    return accepted;
  }
  husk._handle = null;
  // Ends its server's count of it; the connection itself lives in the handle.
  accepted.destroy();
  const options = { handle, readable: true, writable: true, onread: onread(onBytes) };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  socket.resume();
  return socket;
}

/**
 * Takes an accepted connection back from the socket that {@link adoptSocket} gave, to be read in another way: a socket
 * that reads when it is told to.
 */
export function releaseSocket(socket: Socket): Socket {
  const husk = socket as unknown as { _handle: unknown };
  const handle = husk._handle;
  socket.removeAllListeners('data');
  husk._handle = null;
  socket.destroy();
  return new Socket({ handle, readable: true, writable: true, pauseOnCreate: true } as ConstructorParameters<
    typeof Socket
  >[0]);
}
