const C1 = 0x87c3_7b91_1142_53d5n;
const C2 = 0x4cf5_ad43_2745_937fn;
const BLOCK = 16;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotl = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));
const mixK1 = (k: bigint): bigint => u64(rotl(u64(k * C1), 31n) * C2);
const mixK2 = (k: bigint): bigint => u64(rotl(u64(k * C2), 33n) * C1);

function finish(h: bigint): bigint {
  let k = h;
  k = u64((k ^ (k >> 33n)) * 0xff51_afd7_ed55_8ccdn);
  k = u64((k ^ (k >> 33n)) * 0xc4ce_b9fe_1a85_ec53n);
  return k ^ (k >> 33n);
}

/** The first 64 bits of MurmurHash3 x64 128 with seed 0, unsigned: what Guava's `murmur3_128().hashBytes(bytes).asLong()` says. */
export function murmur3(bytes: Buffer): bigint {
  let h1 = 0n;
  let h2 = 0n;
  let at = 0;
  for (; at + BLOCK <= bytes.length; at += BLOCK) {
    h1 ^= mixK1(bytes.readBigUInt64LE(at));
    h1 = u64((rotl(h1, 27n) + h2) * 5n + 0x52dc_e729n);
    h2 ^= mixK2(bytes.readBigUInt64LE(at + 8));
    h2 = u64((rotl(h2, 31n) + h1) * 5n + 0x3849_5ab5n);
  }
  const tail = Buffer.alloc(BLOCK);
  bytes.copy(tail, 0, at);
  h1 ^= mixK1(tail.readBigUInt64LE(0));
  h2 ^= mixK2(tail.readBigUInt64LE(8));
  const length = BigInt(bytes.length);
  h1 = u64((h1 ^ length) + (h2 ^ length));
  h2 = u64((h2 ^ length) + h1);
  h1 = finish(h1);
  h2 = finish(h2);
  return u64(h1 + h2);
}
