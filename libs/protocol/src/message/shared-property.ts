import { findProperty, PROPERTY_SEPARATOR } from './properties.ts';

/**
 * A property of which many messages have the same value in the same place, such as a content type: while that is so, it is
 * neither searched for nor is its text made.
 */
export class SharedProperty {
  readonly name: string;
  #value = '';
  /** Name and value as they were last found, and where among the properties. */
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Its value among the encoded properties from `start` to `end`; undefined when it is not there. When the name comes
   * twice, which no RocketMQ writes, it is that of any of them.
   */
  of(bytes: Buffer, start: number, end: number): string | undefined {
    if (this.#isThere(bytes, start + this.#at, start, end)) return this.#value;
    const found = findProperty(bytes, start, end, this.name);
    if (found === undefined) return undefined;
    const from = found.start - 1 - Buffer.byteLength(this.name);
    this.#at = from - start;
    this.#bytes = Uint8Array.prototype.slice.call(bytes, from, found.end);
    this.#value = bytes.toString('utf8', found.start, found.end);
    return this.#value;
  }

  #isThere(bytes: Buffer, at: number, start: number, end: number): boolean {
    const known = this.#bytes;
    const close = at + known.length;
    if (known.length === 0 || close > end) return false;
    for (let i = 0; i < known.length; i++) if (bytes[at + i] !== known[i]) return false;
    return (
      (at === start || bytes[at - 1] === PROPERTY_SEPARATOR) &&
      (close === end || bytes[close] === PROPERTY_SEPARATOR)
    );
  }
}
