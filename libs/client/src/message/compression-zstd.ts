import * as zlib from 'node:zlib';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { Decompress } from 'fzstd';
import { inspectZstd } from './compression-zstd-frame.ts';

/** What Node's zlib has from 22.15 and 23.8 on. */
interface ZstdOfNode {
  zstdCompressSync?(body: Uint8Array, options: { params: Record<number, number> }): Buffer;
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer;
}

const node = zlib as ZstdOfNode;
/** `ZSTD_c_compressionLevel`. */
const COMPRESSION_LEVEL = 100;
/** The largest window that every reader of zstd has to support; Java's writer uses a quarter of it. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
/** The most bytes that may be moved to keep the window, over all blocks of a frame: a frame of empty blocks is an attack. */
const MAX_MOVED_BYTES = 4 * 1024 * 1024 * 1024;

let module: Promise<typeof import('@bokuweb/zstd-wasm')> | undefined;

/** Compresses a body into one zstd frame, as the `ZstdCompressor` of Java's client does. */
export function compressZstd(body: Uint8Array, level: number): Buffer | Promise<Buffer> {
  if (node.zstdCompressSync) return node.zstdCompressSync(body, { params: { [COMPRESSION_LEVEL]: level } });
  return compressByWasm(body, level);
}

async function compressByWasm(body: Uint8Array, level: number): Promise<Buffer> {
  module ??= import('@bokuweb/zstd-wasm').then(async (loaded) => {
    await loaded.init();
    return loaded;
  });
  const { compress } = await module;
  return Buffer.from(compress(body, level).buffer);
}

/**
 * The contents of a zstd frame.
 * @param limit the most bytes there may be; nothing larger is allocated
 * @throws RocketMQError `PROTOCOL` when the frame is damaged, or its contents or its window exceed what is allowed
 */
export function decompressZstd(bytes: Buffer, limit: number): Buffer {
  const frame = inspectZstd(bytes);
  if (frame === undefined || frame.frameBytes !== bytes.length) throw damaged('it is not one whole frame');
  if (frame.contentBytes !== undefined && frame.contentBytes > limit) throw tooLarge(limit);
  try {
    return node.zstdDecompressSync
      ? node.zstdDecompressSync(bytes, { maxOutputLength: limit })
      : decompressByBlocks(bytes, limit, frame);
  } catch (error) {
    if (error instanceof RocketMQError) throw error;
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw damaged('it can not be read', error);
  }
}

/** By the reader in JavaScript, block by block, so that what is too large is noticed before it is there. */
export function decompressByBlocks(
  bytes: Buffer,
  limit: number,
  frame: NonNullable<ReturnType<typeof inspectZstd>>,
): Buffer {
  const window = frame.windowBytes;
  if (window > Math.max(MAX_WINDOW_BYTES, frame.contentBytes ?? 0)) throw damaged('its window is too large');
  if (window * frame.blocks > MAX_MOVED_BYTES) throw damaged('it has too many blocks');
  const blocks: Uint8Array[] = [];
  let size = 0;
  const reader = new Decompress((block) => {
    size += block.length;
    if (size > limit) throw tooLarge(limit);
    if (block.length > 0) blocks.push(block);
  });
  reader.push(bytes, true);
  if (frame.contentBytes !== undefined && frame.contentBytes !== size) throw damaged('its length is wrong');
  return Buffer.concat(blocks, size);
}

function damaged(what: string, cause?: unknown): RocketMQError {
  return new RocketMQError('PROTOCOL', `The zstd frame is damaged: ${what}`, { cause });
}

function tooLarge(limit: number): RocketMQError {
  return new RocketMQError('PROTOCOL', `The zstd frame holds more than the ${limit} bytes that are allowed`);
}
