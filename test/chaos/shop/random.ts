/** Random numbers that come again with the same seed: whole, from 0 and below the number given. */
export function randomBelow(seed: number): (count: number) => number {
  let state = seed >>> 0;
  return (count) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}
