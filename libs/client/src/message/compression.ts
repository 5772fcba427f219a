import { deflate, deflateSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { MessageSysFlag } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { compressLz4, decompressLz4 } from './compression-lz4.ts';
import { compressZstd, decompressZstd } from './compression-zstd.ts';

/** Up to this size a body is compressed on the event loop: the thread pool's round trip would cost more. */
const SYNC_LIMIT = 64 * 1024;
/** What a body may become: four times the largest that brokers store unless told otherwise. More is an attack. */
export const MAX_DECOMPRESSED = 16 * 1024 * 1024;

/** How bodies are compressed (Java's `CompressionType`). Consumers before 4.9.4, and Go's, read ZLIB alone. */
export type CompressionType = 'ZLIB' | 'LZ4' | 'ZSTD';

/** What the system flag of a compressed body has set. */
const FLAGS: Readonly<Record<CompressionType, number>> = {
  ZLIB: MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_ZLIB_TYPE,
  LZ4: MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_LZ4_TYPE,
  ZSTD: MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_ZSTD_TYPE,
};

/** The names of the ways to compress. */
export const COMPRESSION_TYPES = Object.keys(FLAGS) as readonly CompressionType[];

/** What the system flag of a body has set that is compressed so. */
export function compressionFlag(type: CompressionType): number {
  return FLAGS[type];
}

/** Compresses a body as Java's client does: a zlib stream, an LZ4 frame or a zstd frame. LZ4 has no levels. */
export function compress(body: Uint8Array, type: CompressionType, level: number): Buffer | Promise<Buffer> {
  if (type === 'LZ4') return compressLz4(body);
  if (type === 'ZSTD') return compressZstd(body, level);
  const options: ZlibOptions = { level };
  if (body.length <= SYNC_LIMIT) return deflateSync(body, options);
  return new Promise((resolve, reject) => {
    deflate(body, options, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * The body of a record as it was sent. An uncompressed one is returned as it is.
 * @param limit the most bytes it may become
 * @throws RocketMQError `PROTOCOL` when the compression is unknown, or the body is damaged or becomes too large
 */
export function decompress(body: Buffer, sysFlag: number, limit = MAX_DECOMPRESSED): Buffer {
  if ((sysFlag & MessageSysFlag.COMPRESSED_FLAG) === 0) return body;
  const type = sysFlag & MessageSysFlag.COMPRESSION_TYPE_MASK;
  switch (type) {
    // Producers before 4.9.4 say only that a body is compressed.
    case 0:
    case MessageSysFlag.COMPRESSION_ZLIB_TYPE:
      return inflate(body, limit);
    case MessageSysFlag.COMPRESSION_LZ4_TYPE:
      return decompressLz4(body, limit);
    case MessageSysFlag.COMPRESSION_ZSTD_TYPE:
      return decompressZstd(body, limit);
    default:
      throw new RocketMQError(
        'PROTOCOL',
        `The body is compressed with type ${type >> 8}, which is not known: let producers use ZLIB, LZ4 or ZSTD`,
      );
  }
}

function inflate(body: Buffer, limit: number): Buffer {
  try {
    return inflateSync(body, { maxOutputLength: limit });
  } catch (error) {
    const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    const text = tooLarge
      ? `The body's zlib stream holds more than the ${limit} bytes that are allowed`
      : "The body's zlib stream can't be inflated";
    throw new RocketMQError('PROTOCOL', text, { cause: error });
  }
}
