import { describe, expect, it } from '@jest/globals';
import { encodeProperties } from './properties.ts';
import { SharedProperty } from './shared-property.ts';

const property = new SharedProperty('type');

/** Among others, not at the begin of its bytes. */
function of(properties: [string, string][]): string | undefined {
  const encoded = encodeProperties(new Map(properties));
  const bytes = Buffer.concat([Buffer.from('before'), encoded, Buffer.from('behind')]);
  return property.of(bytes, 6, 6 + encoded.length);
}

describe('SharedProperty', () => {
  it('is what the properties say, whatever those before said', () => {
    expect(of([['type', 'json']])).toBe('json');
    expect(of([['type', 'json']])).toBe('json');
    expect(of([['type', 'text']])).toBe('text');
    expect(of([])).toBeUndefined();
    expect(of([['type', 'text']])).toBe('text');
  });

  it('is found in another place, and there again', () => {
    const moved: [string, string][] = [
      ['a', '1'],
      ['type', 'json'],
      ['b', '2'],
    ];
    expect([of([['type', 'json']]), of(moved), of(moved), of([['type', 'json']])]).toEqual(
      Array(4).fill('json'),
    );
  });

  it('is not what only looks like it in its place', () => {
    expect(of([['type', 'json']])).toBe('json');
    expect(of([['type', 'json5']])).toBe('json5');
    expect(of([['type', 'json']])).toBe('json');
    expect(of([['types', 'json']])).toBeUndefined();
    const behind: [string, string][] = [
      ['a', '1'],
      ['type', 'json'],
    ];
    expect(of(behind)).toBe('json');
    expect(of([['aaaatype', 'json']])).toBeUndefined();
  });

  it('is read where the last property has no separator behind it', () => {
    const bytes = Buffer.from('type\u0001json');
    expect(property.of(bytes, 0, bytes.length)).toBe('json');
    expect(property.of(bytes, 0, bytes.length)).toBe('json');
    expect(property.of(bytes, 0, bytes.length - 1)).toBe('jso');
  });
});
