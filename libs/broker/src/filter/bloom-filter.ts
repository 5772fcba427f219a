import { murmur3 } from './murmur3.ts';

/** The bits that stand for something in a Bloom filter of so many bits (BloomFilterData). */
export interface BloomFilterData {
  readonly bitNum: number;
  readonly bitPos: readonly number[];
}

/** Where the bits of names lie, as Java's BloomFilter has them: for files and tools that are shared with it. */
export class BloomFilter {
  /** Bits of a name. */
  readonly #count: number;
  /** Bits of the filter: whole bytes. */
  readonly #size: number;

  /**
   * @param errorRate in percent, 1 to 99: how often a name may seem to be in it that is not
   * @param names how many it is to hold
   */
  constructor(errorRate: number, names: number) {
    const rate = errorRate / 100;
    this.#count = Math.ceil(Math.log(rate) / Math.log(0.5));
    const size = Math.ceil((names * Math.log(1 / rate)) / Math.log(2) / Math.log(2));
    this.#size = Math.ceil(size / 8) * 8;
  }

  generate(name: string): BloomFilterData {
    const hash = murmur3(Buffer.from(name));
    const hash1 = Number(BigInt.asIntN(32, hash));
    const hash2 = Number(BigInt.asIntN(32, hash >> 32n));
    const bitPos = Array.from({ length: this.#count }, (_, i) => {
      const combined = (hash1 + Math.imul(i + 1, hash2)) | 0;
      return (combined < 0 ? ~combined : combined) % this.#size;
    });
    return { bitNum: this.#size, bitPos };
  }

  /** Whether such data can be this filter's. */
  isValid({ bitNum, bitPos }: BloomFilterData): boolean {
    return bitNum === this.#size && bitPos.length === this.#count;
  }
}
