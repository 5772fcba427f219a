import { RocketMQError } from '@nest-rocketmq/runtime';
import { compressLz4Block, decompressLz4Block, lz4BlockBound } from './compression-lz4-block.ts';
import { xxh32 } from './compression-xxh32.ts';

const MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Version 1, blocks that stand alone, no checksums: what `LZ4FrameOutputStream` writes unless told otherwise. */
const FLAGS = 0x60;
const INDEPENDENT = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID = 0x01;
/** Blocks of up to 4 MiB, the largest there are. */
const BLOCK_DESCRIPTOR = 0x70;
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Set in a block's length when its bytes are as they were. */
const UNCOMPRESSED = 0x80000000;
const FIRST_ROOM = 64 * 1024;

/** Compresses a body into one LZ4 frame, as the `Lz4Compressor` of Java's client does. There are no levels. */
export function compressLz4(body: Uint8Array): Buffer {
  const source = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const blocks = Math.ceil(source.length / BLOCK_BYTES);
  const target = Buffer.allocUnsafe(
    11 + 4 * blocks + blocks * lz4BlockBound(Math.min(BLOCK_BYTES, source.length)),
  );
  target.writeUInt32LE(MAGIC, 0);
  target[4] = FLAGS;
  target[5] = BLOCK_DESCRIPTOR;
  target[6] = (xxh32(target, 4, 6) >>> 8) & 0xff;
  let at = 7;
  for (let start = 0; start < source.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, source.length);
    const after = compressLz4Block(source, start, end, target, at + 4);
    if (after - at - 4 < end - start) {
      target.writeUInt32LE(after - at - 4, at);
      at = after;
    } else {
      target.writeUInt32LE((UNCOMPRESSED | (end - start)) >>> 0, at);
      at += 4 + source.copy(target, at + 4, start, end);
    }
  }
  at = target.writeUInt32LE(0, at);
  return target.subarray(0, at);
}

/**
 * The contents of LZ4 frames, one after the other, as `LZ4FrameInputStream` reads them; frames whose blocks build on one
 * another are read too. Checksums that are there are verified.
 * @param limit the most bytes there may be; memory grows with what is really there
 * @throws RocketMQError `PROTOCOL` when a frame is damaged, or its contents exceed the limit
 */
export function decompressLz4(bytes: Buffer, limit: number): Buffer {
  const reader = new Lz4Reader(bytes, limit);
  reader.read();
  return reader.contents;
}

class Lz4Reader {
  readonly #source: Buffer;
  readonly #limit: number;
  #at = 0;
  #target = Buffer.alloc(0);
  #end = 0;

  constructor(source: Buffer, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get contents(): Buffer {
    return this.#target.subarray(0, this.#end);
  }

  read(): void {
    if (this.#source.length === 0) throw damaged('it is empty');
    while (this.#at < this.#source.length) {
      const magic = this.#word();
      if (magic === MAGIC) this.#frame();
      else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) this.#take(this.#word());
      else throw damaged('it does not begin as a frame does');
    }
  }

  #frame(): void {
    const head = this.#at;
    const flags = this.#source[this.#take(2)] ?? 0;
    const descriptor = this.#source[head + 1] ?? 0;
    if (flags >> 6 !== 1 || (flags & 2) !== 0) throw damaged('its version is unknown');
    if ((flags & DICTIONARY_ID) !== 0) throw damaged('it needs a dictionary');
    const sizeCode = (descriptor >> 4) & 7;
    if (sizeCode < 4) throw damaged('its block size is unknown');
    const declared = (flags & CONTENT_SIZE) === 0 ? undefined : this.#long();
    if (declared !== undefined && declared > this.#limit - this.#end) throw tooLarge(this.#limit);
    if (this.#source[this.#take(1)] !== ((xxh32(this.#source, head, this.#at - 1) >>> 8) & 0xff)) {
      throw damaged('the checksum of its header is wrong');
    }
    const begin = this.#end;
    while (this.#block(flags, 1 << (8 + 2 * sizeCode), begin));
    if ((flags & CONTENT_CHECKSUM) !== 0 && this.#word() !== xxh32(this.#target, begin, this.#end)) {
      throw damaged('the checksum of its contents is wrong');
    }
    if (declared !== undefined && declared !== this.#end - begin) throw damaged('its length is wrong');
  }

  #block(flags: number, blockBytes: number, frameBegin: number): boolean {
    const word = this.#word();
    if (word === 0) return false;
    const length = word & 0x7fffffff;
    if (length > blockBytes) throw damaged('a block is too long');
    const start = this.#take(length);
    if ((flags & BLOCK_CHECKSUM) !== 0 && this.#word() !== xxh32(this.#source, start, start + length)) {
      throw damaged('the checksum of a block is wrong');
    }
    // A byte of an LZ4 block makes at most 255.
    this.#makeRoom(Math.min(blockBytes, length * 255));
    const room = Math.min(this.#target.length, this.#end + blockBytes);
    if (word >= UNCOMPRESSED) {
      if (this.#end + length > room) throw tooLarge(this.#limit);
      this.#source.copy(this.#target, this.#end, start, start + length);
      this.#end += length;
      return true;
    }
    const floor = (flags & INDEPENDENT) === 0 ? frameBegin : this.#end;
    const end = decompressLz4Block(this.#source, [start, start + length], this.#target, [
      this.#end,
      room,
      floor,
    ]);
    if (end === -2 && room === this.#limit) throw tooLarge(this.#limit);
    if (end < 0) throw damaged('a block can not be read');
    this.#end = end;
    return true;
  }

  /** Room for `bytes` more, as far as the limit allows. */
  #makeRoom(bytes: number): void {
    const needed = Math.min(this.#limit, this.#end + bytes);
    if (needed <= this.#target.length) return;
    const grown = Buffer.alloc(Math.min(this.#limit, Math.max(needed, this.#target.length * 2, FIRST_ROOM)));
    this.#target.copy(grown, 0, 0, this.#end);
    this.#target = grown;
  }

  /** Steps over `count` bytes, which must be there; gives where they begin. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#source.length - start) throw damaged('it is cut off');
    this.#at += count;
    return start;
  }

  #word(): number {
    return this.#source.readUInt32LE(this.#take(4));
  }

  #long(): number {
    return Number(this.#source.readBigUInt64LE(this.#take(8)));
  }
}

function damaged(what: string): RocketMQError {
  return new RocketMQError('PROTOCOL', `The LZ4 frame is damaged: ${what}`);
}

function tooLarge(limit: number): RocketMQError {
  return new RocketMQError('PROTOCOL', `The LZ4 frame holds more than the ${limit} bytes that are allowed`);
}
