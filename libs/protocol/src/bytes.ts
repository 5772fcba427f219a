// For what happens to every message. V8's compiler leaves a look-up in each call of a `Buffer`'s method, and the memory behind
// one is asked of C++: both cost more than the few bytes they are done for.

// oxlint-disable-next-line typescript/unbound-method -- bound by each call
const { set } = Uint8Array.prototype;

/** `target.set(source, at)`. @throws RangeError when it doesn't fit */
export function setBytes(target: Uint8Array, source: Uint8Array, at: number): void {
  set.call(target, source, at);
}

/** A signed 32-bit integer, big endian. @throws RangeError when it isn't all there */
export function readInt32(bytes: Uint8Array, at: number): number {
  checkRange(bytes, at, 4);
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** Writes the low 32 bits of an integer, big endian. @returns where it ends @throws RangeError when it doesn't fit */
export function writeInt32(bytes: Uint8Array, value: number, at: number): number {
  checkRange(bytes, at, 4);
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/**
 * Makes views of parts of a buffer, for calls that take a whole one. It remembers the buffer of the last call: of the same
 * one the next view costs half.
 */
export class ByteSlicer {
  #source: Uint8Array | undefined;
  #memory: ArrayBufferLike = new ArrayBuffer(0);
  #offset = 0;

  /** `source[start, end)`, not copied. @throws RangeError when that isn't a part of it */
  slice(source: Uint8Array, start: number, end: number): Uint8Array {
    checkRange(source, start, end - start);
    if (source !== this.#source) {
      this.#source = source;
      this.#memory = source.buffer;
      this.#offset = source.byteOffset;
    }
    return new Uint8Array(this.#memory, this.#offset + start, end - start);
  }
}

function checkRange(bytes: Uint8Array, at: number, length: number): void {
  if (at >= 0 && length >= 0 && at + length <= bytes.length) return;
  throw new RangeError(`${length} bytes at ${at} of ${bytes.length}`);
}
