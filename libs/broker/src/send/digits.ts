const ZERO = 48;
const MINUS = 45;
const HEX = Buffer.from('0123456789ABCDEF');

/** How many characters a safe integer takes in decimal, its sign among them. */
export function decimalLength(value: number): number {
  let length = 1;
  if (value < 0) {
    value = -value;
    length++;
  }
  for (let limit = 10; limit <= value; limit *= 10) length++;
  return length;
}

/** Writes a safe integer in decimal to end at `end` of `target`, where its {@link decimalLength} is free. */
export function writeDecimal(target: Buffer, end: number, value: number): void {
  const negative = value < 0;
  let rest = negative ? -value : value;
  let at = end;
  // Integers of 32 bits are divided faster: nine digits are cut off until the number is one.
  for (; rest > 0x7fffffff; at -= 9) {
    const high = Math.floor(rest / 1e9);
    writeDigits(target, at, (rest - high * 1e9) | 0, 9);
    rest = high;
  }
  at = writeDigits(target, at, rest | 0, 1);
  if (negative) target[at - 1] = MINUS;
}

/** Writes an integer of 31 bits, with zeros in front where it has fewer digits than `least`. @returns where it begins */
function writeDigits(target: Buffer, end: number, value: number, least: number): number {
  let at = end;
  for (let rest = value; rest > 0 || end - at < least;) {
    const next = (rest / 10) | 0;
    target[--at] = ZERO + rest - next * 10;
    rest = next;
  }
  return at;
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
