import { describe, expect, it } from '@jest/globals';
import { IdSource, isId } from './ids.ts';

describe('ids', () => {
  it.each(['0', '345988230098857984', '9223372036854775807'])('%p is one', (value) => {
    expect(isId(value)).toBe(true);
  });

  it.each(['', '-1', '1.0', '9223372036854775808', '99999999999999999999', 'a', 1, null, undefined])(
    '%p is none',
    (value) => {
      expect(isId(value)).toBe(false);
    },
  );

  it('of workers differ, and ascend', () => {
    const sources = [new IdSource(0), new IdSource(1), new IdSource(1023)];
    const made = sources.flatMap((source) => Array.from({ length: 500 }, () => source.next()));
    expect(new Set(made).size).toBe(made.length);
    expect(made.every(isId)).toBe(true);
    const ofOne = made.slice(0, 500).map(BigInt);
    expect(ofOne.every((id, index) => index === 0 || id > (ofOne[index - 1] ?? id))).toBe(true);
  });

  it.each([-1, 1024, 0.5])('have no worker %p', (worker) => {
    expect(() => new IdSource(worker)).toThrow('0..1023');
  });
});
