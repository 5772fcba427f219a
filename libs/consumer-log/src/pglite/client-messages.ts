const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const HEADER = 5;
/** More than any statement that PGlite could hold. */
const LONGEST = 256 * 1024 * 1024;

/** A message of a client. */
export interface ClientMessage {
  /** The letter of its type; of those of the start, which have none: `startup`, `encryption`, `cancel`. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** Takes PostgreSQL's messages out of a client's bytes. */
export class ClientMessages {
  #buffer: Buffer = Buffer.alloc(0);
  #started = false;

  /** The messages that are complete now. @throws RangeError when a length is not one of PostgreSQL's */
  push(bytes: Buffer): ClientMessage[] {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    const messages: ClientMessage[] = [];
    for (let message = this.#next(); message; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): ClientMessage | undefined {
    // A message of the start has no type: it begins with its length.
    const typed = this.#started ? 1 : 0;
    if (this.#buffer.length < HEADER + 3 * (1 - typed)) return undefined;
    const length = typed + this.#buffer.readInt32BE(typed);
    if (length < typed + 4 || length > LONGEST) throw new RangeError(`A message of ${length} bytes`);
    if (this.#buffer.length < length) return undefined;
    const bytes = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    if (this.#started) return { type: String.fromCharCode(bytes.readUInt8(0)), bytes };
    const code = bytes.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { type: 'encryption', bytes };
    if (code === CANCEL_REQUEST) return { type: 'cancel', bytes };
    this.#started = true;
    return { type: 'startup', bytes };
  }
}
