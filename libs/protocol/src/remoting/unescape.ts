const SIMPLE = new Uint8Array(128);
for (const [letter, byte] of Object.entries({
  '"': 34,
  '\\': 92,
  '/': 47,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
})) {
  SIMPLE[letter.charCodeAt(0)] = byte;
}

const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  const letter = digit.toString(16);
  HEX[letter.charCodeAt(0)] = digit;
  HEX[letter.toUpperCase().charCodeAt(0)] = digit;
}

/**
 * How many bytes the JSON escape at `at` (its backslash) takes: 2, or 6 for `\uXXXX`; 0 when it is not an escape or
 * does not end before `end`.
 */
export function escapeLength(source: Buffer, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const letter = source[at + 1] ?? 0;
  if (letter === 0x75) return at + 6 <= end && unit(source, at + 2) >= 0 ? 6 : 0;
  return letter < 128 && SIMPLE[letter] !== 0 ? 2 : 0;
}

/** The UTF-16 unit four hexadecimal digits say; below 0 when they are not. */
function unit(source: Buffer, at: number): number {
  const a = HEX[source[at] ?? 0] ?? -1;
  const b = HEX[source[at + 1] ?? 0] ?? -1;
  const c = HEX[source[at + 2] ?? 0] ?? -1;
  const d = HEX[source[at + 3] ?? 0] ?? -1;
  return (a | b | c | d) < 0 ? -1 : (a << 12) | (b << 8) | (c << 4) | d;
}

/**
 * Copies the inside of a JSON string whose escapes were checked, byte to byte: no string is made. Lone surrogates
 * become U+FFFD, as everywhere in Node. Returns how many bytes were written; -1 when `target` ends before.
 */
export function copyUnescaped(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  let to = at;
  let from = start;
  while (from < end) {
    const byte = source[from] ?? 0;
    if (byte !== 0x5c) {
      target[to++] = byte;
      from++;
      continue;
    }
    const letter = source[from + 1] ?? 0;
    if (letter !== 0x75) {
      target[to++] = SIMPLE[letter & 127] ?? 0;
      from += 2;
      continue;
    }
    let point = unit(source, from + 2);
    from += 6;
    if (point < 0x80) {
      target[to++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low =
        point < 0xdc00 && source[from] === 0x5c && source[from + 1] === 0x75 ? unit(source, from + 2) : -1;
      if (low >= 0xdc00 && low <= 0xdfff && from + 6 <= end) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        from += 6;
      } else point = 0xfffd;
    }
    const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    to = writePoint(target, to, point, size);
  }
  // What was written behind the target's end went nowhere.
  return to > target.length ? -1 : to - at;
}

function writePoint(target: Buffer, at: number, point: number, size: number): number {
  target[at] = size === 2 ? 0xc0 | (point >> 6) : size === 3 ? 0xe0 | (point >> 12) : 0xf0 | (point >> 18);
  for (let i = 1; i < size; i++) target[at + i] = 0x80 | ((point >> (6 * (size - 1 - i))) & 0x3f);
  return at + size;
}
