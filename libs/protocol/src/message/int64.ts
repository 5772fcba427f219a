/** A signed 64-bit integer as a number: exact up to 2^53, the nearest beyond. Cheaper than a bigint. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4);
}

/** Writes a safe integer as a signed 64-bit integer. Returns where it ends. */
export function writeInt64(buffer: Buffer, value: number, at: number): number {
  buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  return buffer.writeUInt32BE(value >>> 0, at + 4);
}
