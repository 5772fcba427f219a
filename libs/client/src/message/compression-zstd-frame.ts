const MAGIC = 0xfd2fb528;
/** No block of a frame makes more. */
const MAX_BLOCK_BYTES = 128 * 1024;

/** What can be told of a zstd frame without decompressing it. */
export interface ZstdFrame {
  /** How far back its matches may reach, in bytes: what a reader that doesn't keep the whole contents has to hold. */
  windowBytes: number;
  /** The length of its contents, when it says so. */
  contentBytes: number | undefined;
  /** How many blocks it has, and the most that all of them can make. */
  blocks: number;
  mostBytes: number;
  /** How long it is, in bytes. */
  frameBytes: number;
}

/** Looks through the zstd frame that `bytes` begin with (RFC 8878 3.1.1); undefined when it isn't one, or is cut off. */
export function inspectZstd(bytes: Buffer): ZstdFrame | undefined {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const descriptor = bytes.readUInt8(4);
  const single = (descriptor & 0x20) !== 0;
  const checksum = (descriptor & 0x04) !== 0;
  const sizeCode = descriptor >> 6;
  let at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const sizeBytes = sizeCode === 0 ? Number(single) : 1 << sizeCode;
  if (at + sizeBytes > bytes.length) return undefined;
  const contentBytes =
    sizeBytes === 0 ? undefined : littleEndian(bytes, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  at += sizeBytes;
  const exponent = 10 + (bytes.readUInt8(5) >> 3);
  const windowBytes =
    single && contentBytes !== undefined
      ? contentBytes
      : 2 ** exponent + 2 ** (exponent - 3) * (bytes.readUInt8(5) & 7);
  const blockBytes = Math.min(MAX_BLOCK_BYTES, windowBytes);
  let blocks = 0;
  let mostBytes = 0;
  for (let last = false; !last; blocks++) {
    if (at + 3 > bytes.length) return undefined;
    const head = bytes.readUIntLE(at, 3);
    const size = head >> 3;
    const type = (head >> 1) & 3;
    last = (head & 1) !== 0;
    mostBytes += type === 2 ? blockBytes : size;
    at += 3 + (type === 1 ? 1 : size);
  }
  at += checksum ? 4 : 0;
  return at > bytes.length ? undefined : { windowBytes, contentBytes, blocks, mostBytes, frameBytes: at };
}

function littleEndian(bytes: Buffer, at: number, size: number): number {
  return size === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, size);
}
