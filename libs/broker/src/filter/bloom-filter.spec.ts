import { BloomFilter } from './bloom-filter.ts';
import { murmur3 } from './murmur3.ts';

describe('MurmurHash3 x64 128', () => {
  it.each([
    ['', 0n],
    ['hello', 0xcbd8_a7b3_41bd_9b02n],
    ['hello, world', 0x342f_ac62_3a5e_bc8en],
    ['19 Jan 2038 at 3:14:07 AM', 0xb89e_5988_b737_affcn],
    ['The quick brown fox jumps over the lazy dog.', 0xcd99_481f_9ee9_02c9n],
  ])('of %j', (text, hash) => {
    expect(murmur3(Buffer.from(text))).toBe(hash);
  });
});

describe('a Bloom filter', () => {
  it("has Java's size for Java's defaults: 3 bits of 112", () => {
    const data = new BloomFilter(20, 32).generate('group#topic');
    expect(data.bitNum).toBe(112);
    expect(data.bitPos).toHaveLength(3);
    for (const bit of data.bitPos) expect(bit >= 0 && bit < 112).toBe(true);
  });

  it('gives the same name the same bits, and knows data of another size', () => {
    const filter = new BloomFilter(20, 32);
    expect(filter.generate('a')).toEqual(new BloomFilter(20, 32).generate('a'));
    expect(filter.generate('a')).not.toEqual(filter.generate('b'));
    expect(filter.isValid(filter.generate('a'))).toBe(true);
    expect(filter.isValid(new BloomFilter(20, 64).generate('a'))).toBe(false);
    expect(filter.isValid(new BloomFilter(1, 32).generate('a'))).toBe(false);
  });
});
