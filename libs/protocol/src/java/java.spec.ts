import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatProperties, parseProperties } from './properties.ts';

const parse = (text: string) => Object.fromEntries(parseProperties(text));

describe('parseProperties', () => {
  it.each([
    ['a=b', { a: 'b' }],
    ['  a  =  b  ', { a: 'b  ' }],
    ['a:b\nc d\r\ne\rf =', { a: 'b', c: 'd', e: '', f: '' }],
    ['# no\n! no\n\n   \n  # no\na=#yes', { a: '#yes' }],
    ['a=b=c:d', { a: 'b=c:d' }],
    ['a\\=b\\:c\\ d=e', { 'a=b:c d': 'e' }],
    ['a=1\\\n   2\\\r\n3', { a: '123' }],
    ['a=1\\\\\nb=2', { a: '1\\', b: '2' }],
    ['a=\\u8ba2\\t\\n\\r\\f\\q\\"', { a: '\u8ba2\t\n\r\fq"' }],
    ['a=1\na=2', { a: '2' }],
    ['path=C:\\\\dir', { path: 'C:\\dir' }],
    ['a=1\\\n# goes on', { a: '1# goes on' }],
    ['a=b\\', { a: 'b' }],
    ['__proto__=x', JSON.parse('{"__proto__":"x"}') as object],
    ['namesrvAddr=127.0.0.1:9876;127.0.0.2:9876', { namesrvAddr: '127.0.0.1:9876;127.0.0.2:9876' }],
  ])('%j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
});

describe('formatProperties', () => {
  it('writes a line each', () => {
    expect(
      formatProperties(
        new Map([
          ['brokerName', 'broker-a'],
          ['listenPort', '10911'],
        ]),
      ),
    ).toBe('brokerName=broker-a\nlistenPort=10911\n');
  });

  it('writes what parseProperties reads', () => {
    const unit = fc.constantFrom('a', ' ', '=', ':', '#', '!', '\\', '\n', '\r', '\t', '\f', '\u8ba2');
    const text = fc.string({ unit });
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            text.filter((key) => key !== ''),
            text,
          ),
        ),
        (entries) => {
          const properties = new Map(entries);
          expect(parseProperties(formatProperties(properties))).toEqual(properties);
        },
      ),
      { numRuns: 500 },
    );
  });
});
