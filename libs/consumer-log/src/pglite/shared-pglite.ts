import { PGlite } from '@electric-sql/pglite';

type RawOptions = Parameters<PGlite['execProtocolRawStream']>[1];

/** First bytes of PostgreSQL's messages of one extended query: Parse, Bind, Describe, Execute, Close, Flush. */
const EXTENDED = new Set(Array.from('PBDECH', (type) => type.charCodeAt(0)));
const SYNC = 'S'.charCodeAt(0);
const SYNC_MESSAGE = Uint8Array.of(SYNC, 0, 0, 0, 4);

/**
 * A PGlite that several connections of a `PGLiteSocketServer` can share. That server hands messages over one by one and keeps
 * to a connection only while it is in a transaction; between the messages of one extended query, as drivers send it for
 * anything with parameters, another connection's would slip in, and each would execute the other's statement. So such a query
 * counts as a transaction until its Sync.
 */
export class SharedPGlite extends PGlite {
  #extended = false;

  override isInTransaction(): boolean {
    return this.#extended || super.isInTransaction();
  }

  override async execProtocolRawStream(message: Uint8Array, options: RawOptions): Promise<void> {
    const [type = 0] = message;
    if (EXTENDED.has(type)) this.#extended = true;
    try {
      await super.execProtocolRawStream(message, options);
    } finally {
      if (type === SYNC) this.#extended = false;
    }
  }

  /** The server's way to end what a lost connection left open: of an extended query the Sync is missing, too. */
  override async exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    if (this.#extended) {
      this.#extended = false;
      await super.execProtocolRaw(SYNC_MESSAGE);
    }
    return super.exec(...args);
  }
}
