import { BufferPool } from './buffer-pool.ts';

describe('BufferPool', () => {
  it('gives at least what is asked for, and at most four times as much', () => {
    const pool = new BufferPool();
    for (const size of [5000, 16_384, 16_385, 65_536, 65_537, 262_144, 262_145, 5_000_000]) {
      const { length } = pool.take(size);
      expect(length).toBeGreaterThanOrEqual(size);
      expect(length).toBeLessThanOrEqual(4 * size);
    }
    expect(pool.take(1).length).toBe(4096);
  });

  it('gives a buffer again only after it came back', () => {
    const pool = new BufferPool();
    const first = pool.take(100);
    const second = pool.take(100);
    expect(second).not.toBe(first);
    pool.give(first);
    expect(pool.take(4096)).toBe(first);
    expect(pool.take(4096)).not.toBe(first);
  });

  it('keeps no buffer that it would not have made, and a bounded number of those it would', () => {
    const pool = new BufferPool();
    const odd = Buffer.alloc(5000);
    pool.give(odd);
    expect(pool.take(5000)).not.toBe(odd);
    const buffers = Array.from({ length: 100 }, () => pool.take(200_000));
    for (const buffer of buffers) pool.give(buffer);
    const again = Array.from({ length: 100 }, () => pool.take(200_000));
    expect(again.filter((buffer) => buffers.includes(buffer)).length).toBe(16);
  });
});
