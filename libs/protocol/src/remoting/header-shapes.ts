import { createSlots, type HeaderSlots } from './header-slots.ts';
import { PLAIN, scanInteger, scannedInteger } from './json-header-scanner.ts';
import type { RecentTexts } from './recent-texts.ts';
import { escapeLength } from './unescape.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Shapes are kept one for each of these slots, by the header's length. A power of two. */
const SHAPES = 32;
/** Longer headers are scanned. */
const MAX_LENGTH = 1024;
/** So many headers in a row that a slot's shape does not fit give the slot to the next one. */
const MISSES = 4;
const WORD = 8;

/** What may stand at a place of a header for it to have the shape: only the byte that stood there, ... */
const FIXED = 0;
/** ... any plain byte, as within a text, ... */
const PLAIN_TEXT = 1;
/** ... or whatever makes an integer, which is read anew. */
const INTEGER = 2;

/**
 * The headers that were scanned lately, by their shape. A peer's headers differ from one to the next in little more than some
 * digits: a header as long as an earlier one, that differs from it only within the values of its fields and in its opaque, has
 * all its parts where that one has them. Comparing them, eight bytes at a time, costs a third of a scan.
 *
 * Bounded: 32 shapes of up to 1,024 bytes.
 */
export class HeaderShapes {
  readonly #shapes: (HeaderShape | undefined)[] = Array.from({ length: SHAPES }, () => undefined);
  readonly #misses = new Uint8Array(SHAPES);
  readonly #texts: RecentTexts;
  #source: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#source.buffer);

  constructor(texts: RecentTexts) {
    this.#texts = texts;
  }

  /** What the scanner would read in this header, if it has a known shape. */
  match(buffer: Buffer, start: number, end: number): HeaderSlots | undefined {
    const slot = (end - start) & (SHAPES - 1);
    const shape = this.#shapes[slot];
    if (!shape) return undefined;
    if (buffer !== this.#source) {
      this.#source = buffer;
      this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    }
    if (shape.fits(buffer, this.#view, start, end)) {
      this.#misses[slot] = 0;
      return shape.slots;
    }
    return undefined;
  }

  /**
   * Takes in a header that was scanned, unless the shape in its place is still of use.
   * @returns the slots to scan the next header into: these, or others when they are part of a shape now
   */
  learn(slots: HeaderSlots, buffer: Buffer, start: number, end: number): HeaderSlots {
    if (end - start > MAX_LENGTH || slots.opaqueStart < 0) return slots;
    const slot = (end - start) & (SHAPES - 1);
    const known = this.#shapes[slot];
    const misses = known ? (this.#misses[slot] ?? 0) + 1 : MISSES;
    this.#misses[slot] = misses % MISSES;
    if (misses < MISSES) return slots;
    this.#shapes[slot] = new HeaderShape(slots, buffer, start, end);
    return known?.slots ?? createSlots(this.#texts);
  }
}

class HeaderShape {
  readonly slots: HeaderSlots;
  /** Where the header lay that the slots' positions are of. */
  readonly #start: number;
  readonly #bytes: Buffer;
  /** The same bytes, eight by eight: no eight bytes of a header are a zero, so they are equal when the numbers are. */
  readonly #words: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #opaqueStart: number;
  readonly #opaqueEnd: number;

  constructor(slots: HeaderSlots, buffer: Buffer, start: number, end: number) {
    const bytes = Buffer.from(buffer.subarray(start, end));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.slots = slots;
    this.#start = start;
    this.#bytes = bytes;
    this.#words = new Float64Array(Math.floor(bytes.length / WORD));
    for (let i = 0; i < this.#words.length; i++) this.#words[i] = view.getFloat64(i * WORD, true);
    this.#opaqueStart = slots.opaqueStart - start;
    this.#opaqueEnd = scanInteger(buffer, slots.opaqueStart, end) - start;
    this.#kinds = new Uint8Array(bytes.length).fill(INTEGER, this.#opaqueStart, this.#opaqueEnd);
    for (let i = 0; i < slots.fields.count; i++) {
      this.#free(slots.fields.start(i) - start, slots.fields.end(i) - start);
    }
  }

  /** Whether the header has this shape: then `slots` are about it. */
  fits(buffer: Buffer, view: DataView, start: number, end: number): boolean {
    const { slots } = this;
    const words = this.#words;
    const length = this.#bytes.length;
    if (end - start !== length) return false;
    for (let i = 0, at = start; i < words.length; i++, at += WORD) {
      if (view.getFloat64(at, true) !== words[i] && !this.#mayDiffer(buffer, start, i * WORD, (i + 1) * WORD))
        return false;
    }
    if (!this.#mayDiffer(buffer, start, words.length * WORD, length)) return false;
    if (scanInteger(buffer, start + this.#opaqueStart, end) !== start + this.#opaqueEnd) return false;
    slots.opaque = scannedInteger;
    slots.text = buffer;
    slots.shift = start - this.#start;
    slots.fields.moveTo(buffer, slots.shift);
    return true;
  }

  #mayDiffer(buffer: Buffer, start: number, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const byte = buffer[start + at] ?? 0;
      if (byte === this.#bytes[at]) continue;
      const kind = this.#kinds[at];
      if (kind === FIXED || (kind === PLAIN_TEXT && PLAIN[byte] === 0)) return false;
    }
    return true;
  }

  /** Lets the value at `[start, end)` differ, but in its escapes. */
  #free(start: number, end: number): void {
    const bytes = this.#bytes;
    // A number or boolean is whatever makes the scanner take it for one.
    if (bytes[start - 1] !== QUOTE) return;
    for (let at = start; at < end;) {
      const byte = bytes[at] ?? 0;
      if (PLAIN[byte] === 1) this.#kinds[at] = PLAIN_TEXT;
      at += byte === BACKSLASH ? Math.max(1, escapeLength(bytes, at, end)) : 1;
    }
  }
}
