import { readInt32, writeInt32 } from '../bytes.ts';

/** A signed 64-bit integer as a number: exact up to 2^53, the nearest beyond. Cheaper than a bigint. */
export function readInt64(buffer: Buffer, at: number): number {
  return readInt32(buffer, at) * 0x1_0000_0000 + (readInt32(buffer, at + 4) >>> 0);
}

/** Writes a safe integer as a signed 64-bit integer. Returns where it ends. */
export function writeInt64(buffer: Buffer, value: number, at: number): number {
  writeInt32(buffer, Math.floor(value / 0x1_0000_0000), at);
  return writeInt32(buffer, value, at + 4);
}
