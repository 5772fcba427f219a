import { describe, expect, it } from '@jest/globals';
import { decompressByBlocks, decompressZstd } from './compression-zstd.ts';
import { inspectZstd } from './compression-zstd-frame.ts';

/** A frame with a window of `1 << (10 + exponent)` bytes that doesn't say how long its contents are. */
function frame(exponent: number, blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('28b52ffd00', 'hex'), Buffer.from([exponent << 3]), ...blocks]);
}

function block(type: number, size: number, bytes: Buffer, last = false): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (type << 1) | Number(last), 0, 3);
  return Buffer.concat([head, bytes]);
}

const same = (size: number, last = false): Buffer => block(1, size, Buffer.from('x'), last);
const plain = (text: string, last = false): Buffer => block(0, text.length, Buffer.from(text), last);

describe('zstd frames', () => {
  it('need not say how long their contents are, as those of ZstdOutputStream', () => {
    const bytes = frame(11, [plain('ab'), same(3), plain('c', true)]);
    expect(inspectZstd(bytes)).toEqual({
      windowBytes: 2 * 1024 * 1024,
      contentBytes: undefined,
      blocks: 3,
      mostBytes: 6,
      frameBytes: bytes.length,
    });
    expect(decompressZstd(bytes, 6).toString()).toBe('abxxxc');
    expect(() => decompressZstd(bytes, 5)).toThrow('more than the 5 bytes');
  });

  it('are not believed when they claim to hold more than is allowed', () => {
    const bytes = Buffer.concat([Buffer.from('28b52ffdc0000000000000010000', 'hex'), plain('a', true)]);
    expect(() => decompressZstd(bytes, 100)).toThrow('more than the 100 bytes');
  });

  it('are refused when their window is larger than readers must support', () => {
    const bytes = frame(17, [plain('ab', true)]);
    const inspected = inspectZstd(bytes);
    expect(inspected?.windowBytes).toBe(128 * 1024 * 1024);
    expect(() => inspected && decompressByBlocks(bytes, 100, inspected)).toThrow('window');
  });

  it('are refused when they consist of empty blocks', () => {
    const bytes = frame(13, [...Array.from({ length: 1000 }, () => plain('')), plain('a', true)]);
    const inspected = inspectZstd(bytes);
    expect(() => inspected && decompressByBlocks(bytes, 100, inspected)).toThrow('too many blocks');
  });

  it('are refused when something follows them', () => {
    expect(() => decompressZstd(Buffer.concat([frame(1, [plain('a', true)]), Buffer.from('b')]), 9)).toThrow(
      'not one whole frame',
    );
  });
});
