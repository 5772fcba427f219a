const SLOTS = 64;
/** Longer texts are seldom the same again. */
const MAX_LENGTH = 128;

/**
 * Texts that come again and again, as topics and groups do in headers: each is made once while it is asked for now and
 * then. Bounded: 64 texts of up to 128 characters, each in the one slot that its length and ends give it.
 */
export class RecentTexts {
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => '');

  /** The text of bytes that are one character each (latin1). */
  of(source: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > MAX_LENGTH) return source.toString('latin1', start, end);
    const slot = (length * 31 + (source[start] ?? 0) * 7 + (source[end - 1] ?? 0)) % SLOTS;
    const known = this.#texts[slot] ?? '';
    if (known.length === length) {
      let at = 0;
      while (at < length && known.charCodeAt(at) === source[start + at]) at++;
      if (at === length) return known;
    }
    return (this.#texts[slot] = source.toString('latin1', start, end));
  }
}
