import { createConnection, type Socket } from 'node:net';

/** What a load does with each answer: the opaque it carries, its code, and where its header and body lie. */
export interface AnswerSink {
  onAnswer(
    opaque: number,
    code: number,
    chunk: Buffer,
    headerStart: number,
    bodyStart: number,
    end: number,
  ): void;
  /** All complete answers of a chunk were handed over: the time to send the next requests, in one write. */
  onBatch(): void;
}

const OPAQUE = Buffer.from('"opaque":');
const CODE = Buffer.from('"code":');

/** Reads the decimal number that starts at `at`. */
export function readDecimal(buffer: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (buffer[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

/**
 * One connection of a load generator. It does as little as it can: answers are found by their length words and two
 * searches for the header's `code` and `opaque`; a frame that is split over chunks is the only thing copied. It
 * trusts its peer, which a client must not.
 */
export class LoadConnection {
  readonly socket: Socket;
  readonly #sink: AnswerSink;
  #carry: Buffer = Buffer.alloc(0);
  #spare: Buffer = Buffer.alloc(1 << 20);

  private constructor(host: string, port: number, sink: AnswerSink) {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    this.#sink = sink;
    this.socket = createConnection({
      host,
      port,
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#receive(buffer.subarray(0, length));
          return true;
        },
      },
    });
  }

  static open(address: string, sink: AnswerSink): Promise<LoadConnection> {
    const colon = address.lastIndexOf(':');
    const connection = new LoadConnection(address.slice(0, colon), Number(address.slice(colon + 1)), sink);
    return new Promise((resolve, reject) => {
      connection.socket.once('error', reject);
      connection.socket.once('connect', () => resolve(connection));
    });
  }

  /**
   * A buffer to put the next requests into: the one of the last call where the kernel has taken it already, else a
   * new one, because the socket still reads from the old.
   */
  outBuffer(size: number): Buffer {
    if (this.socket.writableLength > 0 || this.#spare.length < size) {
      this.#spare = Buffer.allocUnsafe(Math.max(size, 1 << 20));
    }
    return this.#spare;
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let data = chunk;
    if (this.#carry.length > 0) data = Buffer.concat([this.#carry, chunk]);
    let at = 0;
    while (data.length - at >= 8) {
      const end = at + 4 + data.readUInt32BE(at);
      if (end > data.length) break;
      const headerStart = at + 8;
      const bodyStart = headerStart + (data.readUInt32BE(at + 4) & 0xffffff);
      const opaque = readDecimal(data, data.indexOf(OPAQUE, headerStart) + OPAQUE.length);
      const code = readDecimal(data, data.indexOf(CODE, headerStart) + CODE.length);
      this.#sink.onAnswer(opaque, code, data, headerStart, bodyStart, end);
      at = end;
    }
    this.#carry = at === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(at));
    if (at > 0) this.#sink.onBatch();
  }
}
