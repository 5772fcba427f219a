/**
 * A request frame whose varying digits lie at fixed places, so that a load generator makes the next request by
 * copying the frame and patching digits instead of encoding a header.
 */
export class RequestTemplate {
  readonly frame: Buffer;
  readonly #opaqueAt: number;
  readonly #fields = new Map<string, number>();

  /**
   * @param fields extFields; a value of `#`s is a field of that many digits, patched by {@link patch}. Within a
   * longer text the first run of at least four `#` is the patched part.
   */
  constructor(code: number, fields: Record<string, string>, body: Buffer = Buffer.alloc(0)) {
    const header = {
      code,
      extFields: fields,
      flag: 0,
      language: 'JAVA',
      opaque: FIRST_OPAQUE,
      serializeTypeCurrentRPC: 'JSON',
      version: 409,
    };
    const headerBytes = Buffer.from(JSON.stringify(header));
    this.frame = Buffer.alloc(8 + headerBytes.length + body.length);
    this.frame.writeUInt32BE(4 + headerBytes.length + body.length, 0);
    this.frame.writeUInt32BE(headerBytes.length, 4);
    headerBytes.copy(this.frame, 8);
    body.copy(this.frame, 8 + headerBytes.length);
    this.#opaqueAt = 8 + headerBytes.indexOf(`"opaque":${FIRST_OPAQUE}`) + '"opaque":'.length;
    for (const [name, value] of Object.entries(fields)) {
      const hashes = /#{4,}/.exec(value);
      if (!hashes) continue;
      const fieldAt = headerBytes.indexOf(`"${name}":"`);
      const at = 8 + headerBytes.indexOf('####', fieldAt);
      this.frame.fill(48, at, at + hashes[0].length);
      this.#fields.set(name, at + hashes[0].length);
    }
  }

  get size(): number {
    return this.frame.length;
  }

  /** Copies the frame to `target[at..]` with this opaque, which must lie in 100,000,000..999,999,999. */
  put(target: Buffer, at: number, opaque: number): void {
    this.frame.copy(target, at);
    writeDigits(target, at + this.#opaqueAt + 9, opaque);
  }

  /** Writes the decimal digits of `value` into the field's place in the copy at `at`, right-aligned. */
  patch(target: Buffer, at: number, field: string, value: number): void {
    const end = this.#fields.get(field);
    if (end === undefined) throw new Error(`the template has no patched field ${field}`);
    writeDigits(target, at + end, value);
  }
}

/** Opaques have nine digits from here on, so that patching one never changes a frame's length. */
export const FIRST_OPAQUE = 100_000_000;

function writeDigits(target: Buffer, end: number, value: number): void {
  for (let at = end - 1, rest = value; rest > 0; at--) {
    target[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
