const ZERO = 48;
const HEX = Buffer.from('0123456789ABCDEF');

/** Writes a safe integer in decimal at `at` of `target`. @returns the position behind it */
export function writeDecimal(target: Buffer, at: number, value: number): number {
  if (value < 0) {
    target[at++] = 45;
    value = -value;
  }
  if (value > 0x7fffffff) {
    const high = Math.floor(value / 1e9);
    return writePadded(target, writeDecimal(target, at, high), value - high * 1e9);
  }
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  for (let i = at + digits - 1, rest = value | 0; i >= at; i--) {
    const next = (rest / 10) | 0;
    target[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

/** The lower nine digits of a number above 2^31, with their leading zeros. */
function writePadded(target: Buffer, at: number, value: number): number {
  for (let i = at + 8, rest = value | 0; i >= at; i--) {
    const next = (rest / 10) | 0;
    target[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + 9;
}

/** Writes a safe integer as sixteen upper-case hexadecimal digits, as in an offset message id. */
export function writeHex64(target: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 0x100000000);
  writeHex32(target, at, high | 0);
  writeHex32(target, at + 8, value | 0);
  return at + 16;
}

function writeHex32(target: Buffer, at: number, value: number): void {
  for (let i = 0; i < 8; i++) target[at + i] = HEX[(value >>> (28 - 4 * i)) & 15] ?? 0;
}
