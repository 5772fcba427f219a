import { describe, expect, it } from '@jest/globals';
import { bodyText, remarkText, storableKey } from './storable-text.ts';

describe('the key of a row', () => {
  it('is the business key where a database can hold it', () => {
    for (const key of ['', '42', 'order 42', 'Ämilie', 'x'.repeat(255)]) expect(storableKey(key)).toBe(key);
  });

  it('is its beginning and a hash where it is too long, in bytes', () => {
    const [first, second] = ['x'.repeat(256), `${'x'.repeat(256)}y`].map(storableKey);
    expect(first).toMatch(/^x{70}#[\w-]{43}$/);
    expect(first).toBe(storableKey('x'.repeat(256)));
    expect(first).not.toBe(second);
    expect(Buffer.byteLength(storableKey('世'.repeat(100)))).toBeLessThanOrEqual(255);
    expect(Buffer.byteLength(storableKey('😀'.repeat(100)))).toBeLessThanOrEqual(255);
  });

  it('tells apart what databases refuse, cut or take for the same', () => {
    const keys = ['a', 'a ', ' a', 'a\0', '\0a', 'a\uD800', 'a\uDC00', 'a\uFFFD'].map(storableKey);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toBe(Buffer.from(key.replaceAll('\0', '')).toString().trim());
  });
});

describe('text for people', () => {
  it('of a body is what it is as UTF-8, cut where it is too long', () => {
    expect(bodyText(Buffer.from('{"a":"ä"}'))).toBe('{"a":"ä"}');
    expect(bodyText(Buffer.from([0, 255, 65]))).toBe('\uFFFD\uFFFDA');
    expect(bodyText(Buffer.alloc(100_000, 'a'))).toHaveLength(16_384);
  });

  it('of a failure is its message, or what was thrown', () => {
    expect(remarkText(new Error('broken'))).toBe('broken');
    expect(remarkText('plain')).toBe('plain');
    expect(remarkText({ message: 'like an error' })).toBe('like an error');
    expect(remarkText(undefined)).toBe('undefined');
    expect(remarkText(Object.create(null))).toBe('unknown');
    expect(remarkText(new Error('x'.repeat(5_000)))).toHaveLength(1_000);
  });
});
