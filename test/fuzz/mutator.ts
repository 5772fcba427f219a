import type { Random } from '../simulation/random.ts';

/** Bytes that mean something to one of the parsers. */
const TELLING = [
  0, 1, 2, 0x22, 0x27, 0x2c, 0x2d, 0x2e, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x65, 0x6e, 0x75, 0x7b, 0x7d, 0x7f,
  0x80, 0xc3, 0xed, 0xf0, 0xff,
];
const TEXTS = [
  'null',
  'true',
  '1e999',
  '-0',
  '\\ud800',
  '\\u0000',
  '{}',
  '[[[[',
  '"":',
  '../../x',
  '__proto__',
  '99999999999999999999',
  '-1',
  '%RETRY%',
  '\0',
].map((text) => Buffer.from(text, 'latin1'));
const INTEGERS = [0, 1, -1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, -0x80000000, 0x10000, 0xffffff, 0x1000000];

/** Changes frames at random, within one buffer that it reuses. */
export class Mutator {
  readonly bytes: Buffer;
  length = 0;
  readonly #random: Random;
  readonly #frames: readonly Buffer[];

  constructor(frames: readonly Buffer[], random: Random) {
    this.#frames = frames;
    this.#random = random;
    this.bytes = Buffer.alloc(Math.max(...frames.map((frame) => frame.length)) * 4 + 256);
  }

  /** The next input: {@link bytes} up to {@link length}. */
  next(): void {
    const random = this.#random;
    const frame = random.pick(this.#frames);
    this.length = frame.copy(this.bytes, 0);
    for (let left = 1 + random.below(1 + random.below(4)); left > 0 && this.length > 0; left--)
      this.#change();
  }

  /** Makes the lengths of the first frame agree with what there is; the header's length stays where it is possible. */
  repair(): void {
    if (this.length < 8) this.length = 8;
    this.bytes.writeInt32BE(this.length - 4, 0);
    const mark = this.bytes.readInt32BE(4);
    const type = (mark >>> 24) & 1;
    this.bytes.writeInt32BE((type << 24) | Math.min(mark & 0xffffff, this.length - 8), 4);
  }

  #change(): void {
    const random = this.#random;
    const { bytes, length } = this;
    const at = random.below(length);
    switch (random.below(10)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        return;
      case 1:
        bytes[at] = random.pick(TELLING);
        return;
      case 2:
        bytes[at] = random.below(256);
        return;
      case 3:
        this.#insert(at, Buffer.from([random.pick(TELLING)]));
        return;
      case 4:
        this.#insert(at, random.pick(TEXTS));
        return;
      case 5: {
        const count = Math.min(length - at, 1 + random.below(8));
        bytes.copyWithin(at, at + count, length);
        this.length -= count;
        return;
      }
      case 6:
        if (random.chance(30)) this.length = at;
        return;
      case 7:
        // A length somewhere, of the frame's head or of a field in the binary header.
        if (at + 4 <= length)
          bytes.writeInt32BE(random.pick(INTEGERS) | 0, random.chance(30) ? random.pick([0, 4]) : at);
        return;
      case 8: {
        // A piece of another frame.
        const other = random.pick(this.#frames);
        const from = random.below(other.length);
        this.#insert(at, other.subarray(from, from + 1 + random.below(40)));
        return;
      }
      default: {
        // A piece twice.
        const piece = Buffer.from(bytes.subarray(at, Math.min(length, at + 1 + random.below(30))));
        this.#insert(at, piece);
      }
    }
  }

  #insert(at: number, piece: Buffer): void {
    if (this.length + piece.length > this.bytes.length) return;
    this.bytes.copyWithin(at + piece.length, at, this.length);
    piece.copy(this.bytes, at);
    this.length += piece.length;
  }
}
