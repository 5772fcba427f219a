/** A match is at least so long; the last of a block begins so far before its end, and the end is literal. */
const MIN_MATCH = 4;
const LAST_MATCH_BYTES = 12;
const LAST_LITERALS = 5;
const MAX_DISTANCE = 0xffff;
const HASH_BITS = 14;
/** After so many misses (as a power of two) the search takes longer steps: what doesn't compress costs little. */
const SKIP_BITS = 6;

/** Where each hash was seen last, plus one. Blocks are compressed one at a time. */
const seen = new Int32Array(1 << HASH_BITS);

/** The most bytes that a block of `size` bytes can take when it doesn't compress. */
export function lz4BlockBound(size: number): number {
  return size + Math.ceil(size / 255) + 16;
}

/**
 * Compresses `[start, end)` of `source` as one LZ4 block into `target` from `at` on, which needs the room of
 * {@link lz4BlockBound}.
 * @returns where the block ends
 */
export function compressLz4Block(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  seen.fill(0);
  const lastMatch = end - LAST_MATCH_BYTES;
  const limit = end - LAST_LITERALS;
  let anchor = start;
  let position = start;
  let misses = 1 << SKIP_BITS;
  while (position <= lastMatch) {
    const word = source.readInt32LE(position);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    let match = (seen[hash] ?? 0) - 1;
    seen[hash] = position + 1;
    if (match < start || position - match > MAX_DISTANCE || source.readInt32LE(match) !== word) {
      position += misses++ >> SKIP_BITS;
      continue;
    }
    misses = 1 << SKIP_BITS;
    while (position > anchor && match > start && source[position - 1] === source[match - 1]) {
      position--;
      match--;
    }
    let length = MIN_MATCH;
    while (position + length < limit && source[position + length] === source[match + length]) length++;
    at = writeLiterals(source, anchor, position, target, at, length - MIN_MATCH);
    at = target.writeUInt16LE(position - match, at);
    at = writeLength(target, at, length - MIN_MATCH);
    position += length;
    anchor = position;
  }
  return writeLiterals(source, anchor, end, target, at, 0);
}

/** A sequence's token, and its literals; `extra` is the length of the match behind it beyond the least. */
function writeLiterals(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
  extra: number,
): number {
  const count = end - start;
  target[at] = (Math.min(count, 15) << 4) | Math.min(extra, 15);
  at = writeLength(target, at + 1, count);
  source.copy(target, at, start, end);
  return at + count;
}

/** What of a length doesn't fit into the token. */
function writeLength(target: Buffer, at: number, length: number): number {
  if (length < 15) return at;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) target[at++] = 255;
  target[at++] = rest;
  return at;
}

/**
 * Decompresses the LZ4 block `[start, end)` of `source` into `target` from `at` on, but not beyond `limit`. Matches may
 * reach back to `floor`: to the block's own begin, or into the blocks before it.
 * @returns where its contents end; -1 when it is damaged, -2 when its contents are longer than the room
 */
export function decompressLz4Block(
  source: Buffer,
  [start, end]: readonly [start: number, end: number],
  target: Buffer,
  [at, limit, floor]: readonly [at: number, limit: number, floor: number],
): number {
  let from = start;
  let to = at;
  while (from < end) {
    const token = source[from++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= end) return -1;
        more = source[from++] ?? 0;
        literals += more;
      }
    }
    if (from + literals > end) return -1;
    if (to + literals > limit) return -2;
    source.copy(target, to, from, from + literals);
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from === end) return to;
    if (from + 2 > end) return -1;
    const distance = source.readUInt16LE(from);
    from += 2;
    let length = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= end) return -1;
        more = source[from++] ?? 0;
        length += more;
      }
    }
    if (distance === 0 || to - distance < floor) return -1;
    if (to + length > limit) return -2;
    if (distance === 1) target.fill(target[to - 1] ?? 0, to, to + length);
    else if (distance >= length) target.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) target[to + i] = target[to + i - distance] ?? 0;
    to += length;
  }
  return -1;
}
