import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MessageSysFlag } from '@nest-rocketmq/protocol';
import { compress, compressionFlag, COMPRESSION_TYPES, decompress } from './compression.ts';

const text = Buffer.from('a body '.repeat(1000));
/** Not to be compressed, and the same each time. */
function noise(bytes: number): Buffer {
  const result = Buffer.alloc(bytes);
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    result[i] = state >>> 16;
  }
  return result;
}

/** The code of the error that `read` throws, or `read`. */
function codeOf(read: () => Buffer): unknown {
  try {
    return read().length <= 100_000 ? 'read' : 'too large';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

const bodies: [string, Buffer][] = [
  ['one byte', Buffer.from('x')],
  ['a short text', Buffer.from('hello, hello, hello, hello, hello')],
  ['text', text],
  ['a long text', Buffer.concat(Array.from({ length: 900 }, () => text))],
  ['zeros', Buffer.alloc(5_000_000)],
  ['noise', noise(300_000)],
  ['both', Buffer.concat([noise(70_000), text, noise(70_000), text])],
];

describe.each(COMPRESSION_TYPES)('%s', (type) => {
  const flag = compressionFlag(type);

  it.each(bodies)('brings %s back as it was', async (_name, body) => {
    const compressed = await compress(body, type, 5);
    expect(decompress(compressed, flag).equals(body)).toBe(true);
    expect(compressed.length).toBeLessThan(body.length * 1.01 + 64);
  });

  it('makes text smaller', async () => {
    expect((await compress(text, type, 5)).length).toBeLessThan(text.length / 10);
  });

  it('refuses what holds more than is allowed, and takes what just fits', async () => {
    const compressed = await compress(Buffer.alloc(200_000, 1), type, 5);
    expect(() => decompress(compressed, flag, 199_999)).toThrow('more than the 199999 bytes');
    expect(decompress(compressed, flag, 200_000)).toHaveLength(200_000);
  });

  it('refuses a bomb before it is in memory', async () => {
    const bomb = await compress(Buffer.alloc(64 * 1024 * 1024), type, 1);
    const before = process.memoryUsage();
    expect(() => decompress(bomb, flag)).toThrow('more than the 16777216 bytes');
    const after = process.memoryUsage();
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect(grown).toBeLessThan(64 * 1024 * 1024);
  });

  it('refuses what is damaged, however it is', async () => {
    expect(() => decompress(text, flag)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
    expect(() => decompress(Buffer.alloc(0), flag)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
    const good = await compress(Buffer.concat([noise(500), text]), type, 5);
    for (let length = 0; length < good.length - 4; length += 7) {
      expect(() => decompress(good.subarray(0, length), flag)).toThrow(
        expect.objectContaining({ code: 'PROTOCOL' }),
      );
    }
    const codes = new Set<unknown>();
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0xff;
      codes.add(codeOf(() => decompress(bad, flag, 100_000)));
    }
    codes.delete('read');
    expect([...codes]).toEqual(['PROTOCOL']);
  });
});

describe('the flags of compressed bodies', () => {
  it('are those of 4.9.4 and later', () => {
    expect(COMPRESSION_TYPES.map(compressionFlag)).toEqual([0x301, 0x101, 0x201]);
  });

  it('may lack the type, as older producers write them', () => {
    expect(decompress(deflateSync(text), MessageSysFlag.COMPRESSED_FLAG)).toEqual(text);
  });

  it('leave alone what is not compressed', () => {
    expect(decompress(text, 0)).toBe(text);
  });

  it('may name a type that is not known', () => {
    expect(() => decompress(text, 0x701)).toThrow('type 7');
  });
});
