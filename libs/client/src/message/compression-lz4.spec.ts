import { describe, expect, it } from '@jest/globals';
import { compressLz4, decompressLz4 } from './compression-lz4.ts';
import { xxh32 } from './compression-xxh32.ts';

/** A frame as `lz4` writes it: descriptor, the optional parts of its header, blocks. */
function frame(
  flags: number,
  blocks: readonly Buffer[],
  options: { size?: number; checksum?: number } = {},
): Buffer {
  const size = Buffer.alloc(options.size === undefined ? 0 : 8);
  if (options.size !== undefined) size.writeBigUInt64LE(BigInt(options.size));
  const descriptor = Buffer.concat([Buffer.from([flags, 0x40]), size]);
  const hash = Buffer.from([(xxh32(descriptor) >>> 8) & 0xff]);
  const checksum = Buffer.alloc(options.checksum === undefined ? 0 : 4);
  if (options.checksum !== undefined) checksum.writeUInt32LE(options.checksum);
  return Buffer.concat([
    Buffer.from('04224d18', 'hex'),
    descriptor,
    hash,
    ...blocks,
    Buffer.alloc(4),
    checksum,
  ]);
}

function block(bytes: Buffer, plain = false): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(plain ? (bytes.length | 0x80000000) >>> 0 : bytes.length);
  return Buffer.concat([head, bytes]);
}

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('is that of xxHash for %j', (text, hash) => {
    expect(xxh32(Buffer.from(text))).toBe(hash);
  });
});

describe('LZ4 frames', () => {
  it('begin as those of LZ4FrameOutputStream', () => {
    expect(compressLz4(Buffer.from('abc')).toString('hex')).toBe('04224d186070730300008061626300000000');
  });

  it('may have blocks that build on the ones before', () => {
    const linked = Buffer.from([0x06, 0x08, 0x00, 0x10, 0x21]);
    const bytes = frame(0x40, [block(Buffer.from('abcdefgh'), true), block(linked)]);
    expect(decompressLz4(bytes, 100).toString()).toBe('abcdefghabcdefghab!');
    const alone = frame(0x60, [block(Buffer.from('abcdefgh'), true), block(linked)]);
    expect(() => decompressLz4(alone, 100)).toThrow('a block can not be read');
  });

  it('may say their length, which must be true and allowed', () => {
    const plain = [block(Buffer.from('abcd'), true)];
    expect(decompressLz4(frame(0x68, plain, { size: 4 }), 4).toString()).toBe('abcd');
    expect(() => decompressLz4(frame(0x68, plain, { size: 5 }), 10)).toThrow('length is wrong');
    expect(() => decompressLz4(frame(0x68, plain, { size: 2 ** 40 }), 10)).toThrow('more than the 10 bytes');
  });

  it('may have checksums, which are verified', () => {
    const body = Buffer.from('abcd');
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(xxh32(body));
    expect(decompressLz4(frame(0x64, [block(body, true)], { checksum: xxh32(body) }), 9)).toEqual(body);
    expect(decompressLz4(frame(0x70, [Buffer.concat([block(body, true), sum])]), 9)).toEqual(body);
    expect(() => decompressLz4(frame(0x64, [block(body, true)], { checksum: 1 }), 9)).toThrow('checksum');
    sum[0] = (sum[0] ?? 0) ^ 1;
    expect(() => decompressLz4(frame(0x70, [Buffer.concat([block(body, true), sum])]), 9)).toThrow(
      'checksum',
    );
  });

  it('may follow one another, with what is to be skipped between', () => {
    const skipped = Buffer.from('502a4d1802000000ffff', 'hex');
    const bytes = Buffer.concat([compressLz4(Buffer.from('ab')), skipped, compressLz4(Buffer.from('cd'))]);
    expect(decompressLz4(bytes, 4).toString()).toBe('abcd');
    expect(() => decompressLz4(bytes, 3)).toThrow('more than the 3 bytes');
  });

  it.each([
    ['0x00', 'version'],
    ['0x61', 'dictionary'],
  ])('of flags %s are refused', (flags, reason) => {
    expect(() => decompressLz4(frame(Number(flags), []), 10)).toThrow(reason);
  });
});
