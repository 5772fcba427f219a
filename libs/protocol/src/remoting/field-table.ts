import { isUtf8 } from 'node:buffer';
import { HeaderError } from './header-error.ts';
import { RecentTexts } from './recent-texts.ts';
import { copyUnescaped } from './unescape.ts';

/** The value holds JSON escapes. */
export const ESCAPED = 1;
/** The value holds bytes beyond ASCII. */
export const NON_ASCII = 2;

/** How many fields the scanner takes; headers with more go through JSON.parse. */
export const SCANNER_FIELDS = 64;
/** More fields than this are not a header. */
export const MAX_FIELDS = 1024;

const STRIDE = 5;
const KEY_START = 0;
const KEY_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const KIND = 4;

/** Where the keys and values of a header's fields lie in a buffer. Reused from header to header; nothing is copied. */
export class FieldTable {
  #source: Buffer = Buffer.alloc(0);
  /** What is to be added to the positions: those of a {@link HeaderShape} are of the header it was learnt from. */
  #shift = 0;
  #positions = new Int32Array(SCANNER_FIELDS * STRIDE);
  #count = 0;
  /** Index + 1 of the field with a key of that one letter. */
  readonly #letters = new Uint16Array(128);
  /** The letters that have a field: its buffer may have been written over when they are to be forgotten. */
  readonly #taken = new Uint8Array(128);
  #takenCount = 0;
  readonly #texts: RecentTexts;
  /** Where the last search ended: fields tend to be asked for in the order they come in. */
  #hint = 0;

  /** @param texts remembered across headers; one for all tables of a view */
  constructor(texts: RecentTexts) {
    this.#texts = texts;
  }

  get count(): number {
    return this.#count;
  }

  reset(source: Buffer): void {
    for (let i = 0; i < this.#takenCount; i++) this.#letters[this.#taken[i] ?? 0] = 0;
    this.#takenCount = 0;
    this.#source = source;
    this.#shift = 0;
    this.#count = 0;
    this.#hint = 0;
  }

  /** The same fields, at the same places of another header, which lies `shift` bytes further on in its buffer. */
  moveTo(source: Buffer, shift: number): void {
    this.#source = source;
    this.#shift = shift;
    this.#hint = 0;
  }

  /** Takes a field in. A key that is there already gets the new value, as maps do. False when the table is full. */
  add(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, kind: number): boolean {
    const length = keyEnd - keyStart;
    let index = length === 1 ? this.#letterIndex(keyStart) : this.#sameKey(keyStart, length);
    if (index < 0) {
      index = this.#count;
      if (index * STRIDE === this.#positions.length && !this.#grow()) return false;
      this.#count++;
      if (length === 1) this.#setLetter(keyStart, index);
    }
    const positions = this.#positions;
    const at = index * STRIDE;
    positions[at + KEY_START] = keyStart;
    positions[at + KEY_END] = keyEnd;
    positions[at + VALUE_START] = valueStart;
    positions[at + VALUE_END] = valueEnd;
    positions[at + KIND] = kind;
    return true;
  }

  /** The index of a field, -1 when the header does not carry it. */
  find(key: string): number {
    const length = key.length;
    if (length === 1) {
      const letter = key.charCodeAt(0);
      if (letter < 128) return (this.#letters[letter] ?? 0) - 1;
    }
    const count = this.#count;
    const positions = this.#positions;
    let index = this.#hint;
    for (let tries = 0; tries < count; tries++, index++) {
      if (index >= count) index = 0;
      const at = index * STRIDE;
      const keyStart = positions[at] ?? 0;
      if ((positions[at + KEY_END] ?? 0) - keyStart === length && this.#keyIs(keyStart, key)) {
        this.#hint = index + 1;
        return index;
      }
    }
    // A key beyond ASCII has another length in bytes.
    return isAscii(key) ? -1 : this.#findSlowly(key);
  }

  key(index: number): string {
    const at = index * STRIDE;
    return this.#source.toString(
      'utf8',
      (this.#positions[at + KEY_START] ?? 0) + this.#shift,
      (this.#positions[at + KEY_END] ?? 0) + this.#shift,
    );
  }

  start(index: number): number {
    return (this.#positions[index * STRIDE + VALUE_START] ?? 0) + this.#shift;
  }

  end(index: number): number {
    return (this.#positions[index * STRIDE + VALUE_END] ?? 0) + this.#shift;
  }

  kind(index: number): number {
    return this.#positions[index * STRIDE + KIND] ?? 0;
  }

  text(index: number): string {
    const kind = this.kind(index);
    if (kind === 0) return this.#texts.of(this.#source, this.start(index), this.end(index));
    return textOf(this.#source, this.start(index), this.end(index), kind);
  }

  get source(): Buffer {
    return this.#source;
  }

  /** Copies the value's bytes, unescaped. Returns how many; throws HeaderError when they don't fit. */
  copy(index: number, key: string, target: Buffer, at: number): number {
    const copied = copyValue(this.#source, this.start(index), this.end(index), this.kind(index), target, at);
    if (copied < 0)
      throw new HeaderError(key, `does not fit the ${Math.max(0, target.length - at)} bytes there are`);
    return copied;
  }

  #setLetter(keyStart: number, index: number): void {
    const letter = this.#source[keyStart] ?? 0;
    if (letter >= 128) return;
    this.#letters[letter] = index + 1;
    this.#taken[this.#takenCount++] = letter;
  }

  /** Only ASCII has slots in `letters`. */
  #letterIndex(keyStart: number): number {
    const letter = this.#source[keyStart] ?? 0;
    return letter < 128 ? (this.#letters[letter] ?? 0) - 1 : this.#sameKey(keyStart, 1);
  }

  #sameKey(keyStart: number, length: number): number {
    const source = this.#source;
    const positions = this.#positions;
    for (let i = 0, at = 0; i < this.#count; i++, at += STRIDE) {
      const other = positions[at] ?? 0;
      if ((positions[at + KEY_END] ?? 0) - other !== length) continue;
      let same = 0;
      while (same < length && source[other + same] === source[keyStart + same]) same++;
      if (same === length) return i;
    }
    return -1;
  }

  #keyIs(keyStart: number, key: string): boolean {
    const at = keyStart + this.#shift;
    for (let i = 0; i < key.length; i++) if (this.#source[at + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  #findSlowly(key: string): number {
    for (let i = 0; i < this.#count; i++) if (this.key(i) === key) return i;
    return -1;
  }

  #grow(): boolean {
    if (this.#count >= MAX_FIELDS) return false;
    const larger = new Int32Array(this.#positions.length * 2);
    larger.set(this.#positions);
    this.#positions = larger;
    return true;
  }
}

/** The text between two positions, unescaped. */
export function textOf(source: Buffer, start: number, end: number, kind: number): string {
  if (kind === 0) return source.toString('latin1', start, end);
  if (kind === NON_ASCII) return source.toString('utf8', start, end);
  // Escapes only ever shrink. The same routine serves copies, so text and bytes can't differ.
  const scratch = Buffer.allocUnsafe(end - start);
  return scratch.toString('utf8', 0, copyUnescaped(source, start, end, scratch, 0));
}

/** Copies a value unescaped, as well-formed UTF-8. Returns how many bytes; -1 when they don't fit. */
function copyValue(
  source: Buffer,
  start: number,
  end: number,
  kind: number,
  target: Buffer,
  at: number,
): number {
  if ((kind & NON_ASCII) !== 0 && !isUtf8(source.subarray(start, end))) {
    const bytes = Buffer.from(textOf(source, start, end, kind));
    return bytes.length > target.length - at ? -1 : bytes.copy(target, at);
  }
  if ((kind & ESCAPED) !== 0) return copyUnescaped(source, start, end, target, at);
  const length = end - start;
  if (length > target.length - at) return -1;
  if (length > 24) source.copy(target, at, start, end);
  else for (let i = 0; i < length; i++) target[at + i] = source[start + i] ?? 0;
  return length;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
