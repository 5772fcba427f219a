/**
 * A text that many messages have in common, such as their topic: it is made once and shared while their bytes are the same.
 */
export class SharedText {
  #text = '';
  #bytes: Uint8Array = new Uint8Array(0);

  /** The text of the bytes from `start` to `end`. */
  of(bytes: Buffer, start: number, end: number): string {
    const known = this.#bytes;
    let same = known.length === end - start;
    for (let i = 0; same && i < known.length; i++) same = known[i] === bytes[start + i];
    if (!same) {
      this.#text = bytes.toString('utf8', start, end);
      this.#bytes = Uint8Array.prototype.slice.call(bytes, start, end);
    }
    return this.#text;
  }
}
