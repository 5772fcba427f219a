import { connect, type Socket } from 'node:net';
import { decodeFrame, encodeCommand, RemotingCommand, type RequestCode } from '@nest-rocketmq/protocol';

const SENTINEL = 0x7ea5;

/** A client that sends any bytes, and sees what comes back. */
export class Peer {
  readonly #address: string;
  readonly #sentinel: Buffer;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #waiting: (() => void) | undefined;
  #closed = true;
  /** All answers but those to the sentinel, since the last {@link ask}. */
  answers: RemotingCommand[] = [];

  /** @param code a command that is answered at once, whatever state the server is in */
  constructor(
    address: string,
    code: (typeof RequestCode)[keyof typeof RequestCode],
    fields: Record<string, string>,
  ) {
    this.#address = address;
    const command = RemotingCommand.request(code, new Map(Object.entries(fields)));
    command.opaque = SENTINEL;
    this.#sentinel = encodeCommand(command);
  }

  /**
   * Sends the bytes and waits until the server has dealt with them: it answers a request that follows, or closes.
   * @param whole the bytes are whole frames; otherwise the end of the stream follows them
   * @returns milliseconds it took
   */
  async ask(bytes: Buffer, whole: boolean): Promise<number> {
    const socket = await this.#connect();
    this.answers = [];
    const started = performance.now();
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
      if (whole) {
        socket.write(bytes);
        socket.write(this.#sentinel);
      } else {
        socket.end(bytes);
      }
    });
    this.#waiting = undefined;
    return performance.now() - started;
  }

  /** Sends `bytes` in two pieces that arrive apart, and waits as {@link ask} does. */
  async askSplit(bytes: Buffer, at: number): Promise<void> {
    const socket = await this.#connect();
    this.answers = [];
    socket.write(bytes.subarray(0, at));
    // The server, in this process, reads in the poll phase between two of these.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
      socket.write(bytes.subarray(at));
      socket.write(this.#sentinel);
    });
    this.#waiting = undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || this.#closed) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  }

  async #connect(): Promise<Socket> {
    if (this.#socket && !this.#closed) return this.#socket;
    const [host, port] = this.#address.split(':');
    this.#received = Buffer.alloc(0);
    const socket = connect(Number(port), host);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#closed = true;
      this.#waiting?.();
    });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket = socket;
    this.#closed = false;
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  }

  #onData(chunk: Buffer): void {
    let all = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (all.length >= 4 && all.length >= all.readInt32BE(0) + 4) {
      const end = all.readInt32BE(0) + 4;
      const command = decodeFrame(Buffer.from(all.subarray(0, end)));
      all = all.subarray(end);
      if (command.opaque === SENTINEL && command.isResponse) this.#waiting?.();
      else this.answers.push(command);
    }
    this.#received = Buffer.from(all);
  }
}
