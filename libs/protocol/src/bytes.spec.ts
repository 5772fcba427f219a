import { describe, expect, it } from '@jest/globals';
import { ByteSlicer, readInt32, setBytes, writeInt32 } from './bytes.ts';
import { readInt64, writeInt64 } from './message/int64.ts';

const INTEGERS = [0, 1, -1, 127, 128, 255, 256, 0x12345678, 0x7fffffff, -0x80000000, -2, 0xffff];
const LONGS = [...INTEGERS, 0x80000000, 0xffffffff, 2 ** 32, 2 ** 53 - 1, -(2 ** 32), -(2 ** 53) + 1];

describe('bytes of the hot paths', () => {
  it('are written and read as a buffer does it', () => {
    for (const value of INTEGERS) {
      const expected = Buffer.alloc(6);
      expected.writeInt32BE(value, 1);
      const bytes = Buffer.alloc(6);
      expect(writeInt32(bytes, value, 1)).toBe(5);
      expect(bytes).toEqual(expected);
      expect(readInt32(bytes, 1)).toBe(value);
    }
    for (const value of LONGS) {
      const expected = Buffer.alloc(10);
      expected.writeBigInt64BE(BigInt(value), 1);
      const bytes = Buffer.alloc(10);
      expect(writeInt64(bytes, value, 1)).toBe(9);
      expect(bytes).toEqual(expected);
      expect(readInt64(bytes, 1)).toBe(value);
    }
  });

  it('are neither written nor read outside', () => {
    const bytes = Buffer.alloc(8);
    for (const at of [-1, 5, 8, Number.NaN]) {
      expect(() => readInt32(bytes, at)).toThrow(RangeError);
      expect(() => writeInt32(bytes, 1, at)).toThrow(RangeError);
    }
    expect(() => readInt64(bytes, 1)).toThrow(RangeError);
    expect(() => setBytes(bytes, Buffer.alloc(4), 5)).toThrow('out of bounds');
    expect(bytes).toEqual(Buffer.alloc(8));
  });

  it('are set at a place', () => {
    const bytes = Buffer.from('........');
    setBytes(bytes, Buffer.from('abc'), 5);
    expect(bytes.toString()).toBe('.....abc');
  });

  it('are sliced out of one buffer after the other, without a copy', () => {
    const slicer = new ByteSlicer();
    const text = (source: Buffer, start: number, end: number): string =>
      Buffer.from(slicer.slice(source, start, end)).toString();
    // Both lie in the memory that Node's buffers share.
    const first = Buffer.from('first');
    const second = Buffer.from('second');
    expect([text(first, 1, 3), text(first, 0, 5), text(second, 2, 6), text(first, 5, 5)]).toEqual([
      'ir',
      'first',
      'cond',
      '',
    ]);
    slicer.slice(second, 0, 1)[0] = 0x53;
    expect(second.toString()).toBe('Second');
  });

  it("are not sliced beyond their buffer, where the memory is another one's", () => {
    const slicer = new ByteSlicer();
    const source = Buffer.from('four');
    for (const [start, end] of [
      [0, 5],
      [-1, 2],
      [3, 2],
      [5, 5],
    ] as const) {
      expect(() => slicer.slice(source, start, end)).toThrow(RangeError);
    }
  });
});
