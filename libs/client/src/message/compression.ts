import { deflate, deflateSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { MessageSysFlag } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';

/** Up to this size a body is compressed on the event loop: the thread pool's round trip would cost more. */
const SYNC_LIMIT = 64 * 1024;
/** No record is larger than a frame; what inflates beyond is an attack. */
const MAX_INFLATED = 64 * 1024 * 1024;

const UNSUPPORTED = new Map<number, string>([
  [MessageSysFlag.COMPRESSION_LZ4_TYPE, 'LZ4'],
  [MessageSysFlag.COMPRESSION_ZSTD_TYPE, 'ZSTD'],
]);

/** What a compressed body's system flag has set: compressed, by zlib. */
export const COMPRESSED_ZLIB = MessageSysFlag.COMPRESSED_FLAG | MessageSysFlag.COMPRESSION_ZLIB_TYPE;

/** Compresses a body as Java's client does: a zlib stream. Large bodies are compressed in the thread pool. */
export function compress(body: Uint8Array, level: number): Buffer | Promise<Buffer> {
  const options: ZlibOptions = { level };
  if (body.length <= SYNC_LIMIT) return deflateSync(body, options);
  return new Promise((resolve, reject) => {
    deflate(body, options, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * The body of a record as it was sent. An uncompressed one is returned as it is.
 * @throws RocketMQError `PROTOCOL` when the compression is not zlib, or the stream is damaged or larger than 64 MiB
 */
export function decompress(body: Buffer, sysFlag: number): Buffer {
  if ((sysFlag & MessageSysFlag.COMPRESSED_FLAG) === 0) return body;
  const type = sysFlag & MessageSysFlag.COMPRESSION_TYPE_MASK;
  if (type !== 0 && type !== MessageSysFlag.COMPRESSION_ZLIB_TYPE) {
    const name = UNSUPPORTED.get(type) ?? `type ${type >> 8}`;
    throw new RocketMQError(
      'PROTOCOL',
      `The body is compressed with ${name}, which is not supported: let producers compress with ZLIB`,
    );
  }
  try {
    return inflateSync(body, { maxOutputLength: MAX_INFLATED });
  } catch (error) {
    throw new RocketMQError('PROTOCOL', `The body's zlib stream can't be inflated`, { cause: error });
  }
}
