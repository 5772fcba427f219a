import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MessageSysFlag } from '@nest-rocketmq/protocol';
import { compress, COMPRESSED_ZLIB, decompress } from './compression.ts';

const body = Buffer.from('a body '.repeat(1000));

describe('compression', () => {
  it.each([[body], [Buffer.concat(Array.from({ length: 20 }, () => body))]])(
    'comes back as it was',
    async (bytes) => {
      const compressed = await compress(bytes, 5);
      expect(compressed.length).toBeLessThan(bytes.length / 10);
      expect(decompress(compressed, COMPRESSED_ZLIB)).toEqual(bytes);
    },
  );

  it('says zlib with the bits of 4.9.4 and later', () => {
    expect(COMPRESSED_ZLIB).toBe(0x301);
  });

  it('reads what older producers wrote, without type bits', () => {
    expect(decompress(deflateSync(body), MessageSysFlag.COMPRESSED_FLAG)).toEqual(body);
  });

  it('leaves alone what is not compressed', () => {
    expect(decompress(body, 0)).toBe(body);
  });

  it.each([
    [0x101, 'LZ4'],
    [0x201, 'ZSTD'],
    [0x701, 'type 7'],
  ])('names the compression it can not read (%i)', (flag, name) => {
    expect(() => decompress(body, flag)).toThrow(name);
  });

  it('refuses a damaged stream, and one that inflates without end', () => {
    expect(() => decompress(body, COMPRESSED_ZLIB)).toThrow("can't be inflated");
    const bomb = deflateSync(Buffer.alloc(65 * 1024 * 1024));
    expect(() => decompress(bomb, COMPRESSED_ZLIB)).toThrow("can't be inflated");
  });
});
