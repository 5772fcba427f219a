import zlib from 'node:zlib';

// Eight tables: the n-th advances a byte's remainder over n more zero bytes, so that eight bytes are taken at a time.
const TABLES = new Int32Array(8 * 256);
for (let i = 0; i < 256; i++) {
  let remainder = i;
  for (let bit = 0; bit < 8; bit++)
    remainder = (remainder & 1) !== 0 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  TABLES[i] = remainder;
}
for (let i = 256; i < TABLES.length; i++) {
  const previous = TABLES[i - 256] ?? 0;
  TABLES[i] = (previous >>> 8) ^ (TABLES[previous & 0xff] ?? 0);
}

/** Below this length calling native code costs more than it saves. */
const NATIVE_FROM = 256;
const native = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;

/**
 * The CRC32 of the bytes from `start` to `end` the way RocketMQ stores it: without its top bit (`UtilAll.crc32`).
 */
export function crc32(buffer: Uint8Array, start = 0, end = buffer.length): number {
  if (native !== undefined && end - start >= NATIVE_FROM) {
    const whole = start === 0 && end === buffer.length;
    return native(whole ? buffer : buffer.subarray(start, end)) & 0x7fffffff;
  }
  return crc32InScript(buffer, start, end);
}

/** The same without native code: Node before 20.15 has none. */
export function crc32InScript(buffer: Uint8Array, start: number, end: number): number {
  const t = TABLES;
  let crc = -1;
  let i = start;
  for (const last = end - 8; i <= last; i += 8) {
    crc ^=
      (buffer[i] ?? 0) |
      ((buffer[i + 1] ?? 0) << 8) |
      ((buffer[i + 2] ?? 0) << 16) |
      ((buffer[i + 3] ?? 0) << 24);
    crc =
      (t[1792 + (crc & 0xff)] ?? 0) ^
      (t[1536 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (crc >>> 24)] ?? 0) ^
      (t[768 + (buffer[i + 4] ?? 0)] ?? 0) ^
      (t[512 + (buffer[i + 5] ?? 0)] ?? 0) ^
      (t[256 + (buffer[i + 6] ?? 0)] ?? 0) ^
      (t[buffer[i + 7] ?? 0] ?? 0);
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t[(crc ^ (buffer[i] ?? 0)) & 0xff] ?? 0);
  return ~crc & 0x7fffffff;
}
