import fc from 'fast-check';
import {
  BytesMessageConverter,
  JsonMessageConverter,
  TextMessageConverter,
} from './single-kind-converters.ts';
import { readJson, writeJson } from './json.ts';
import { DefaultMessageConverter, type MessageConverter } from './message-converter.ts';

const BIG = 9_223_372_036_854_775_807n;

function there(converter: MessageConverter, payload: unknown): unknown {
  const { body, contentType } = converter.toBody(payload);
  return converter.fromBody(Buffer.from(body), contentType, 'auto');
}

describe('JSON', () => {
  it('writes dates as ISO texts and bigints as numbers, as Java reads them', () => {
    const at = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(writeJson({ id: BIG, lines: [-1n], at })).toBe(
      '{"id":9223372036854775807,"lines":[-1],"at":"2026-01-02T03:04:05.678Z"}',
    );
    expect(writeJson(BIG)).toBe('9223372036854775807');
  });

  it('reads dates and large numbers as they are told to, and as JSON.parse otherwise', () => {
    const text = '{"at":"2026-01-02T03:04:05.678Z","id":9223372036854775807,"small":7}';
    expect(readJson(text, {})).toEqual(JSON.parse(text));
    expect(readJson(text, { dates: true, bigints: true })).toEqual({
      at: new Date('2026-01-02T03:04:05.678Z'),
      id: BIG,
      small: 7,
    });
  });

  it.each([
    ['a day', '"2026-01-02"'],
    ['a local time, as Java writes a LocalDateTime', '"2026-01-02T03:04:05"'],
    ['a date that is none', '"2026-13-45T99:99:99Z"'],
    ['digits in a text', '"1234567890123456789"'],
    ['digits in a text behind quotes', String.raw`"\\\"1234567890123456789\\"`],
    ['a fraction', '1234567890123456789.5'],
    ['an exponent', '1234567890123456789e2'],
    ['the largest whole number of a double', '9007199254740991'],
  ])('leaves %s alone', (_what, text) => {
    expect(readJson(text, { dates: true, bigints: true })).toEqual(JSON.parse(text));
  });

  it('reads names that look like numbers, and numbers at all places', () => {
    const text = '{"12345678901234567890":[12345678901234567890,-12345678901234567890,1]}';
    expect(readJson(text, { bigints: true })).toEqual({
      '12345678901234567890': [12345678901234567890n, -12345678901234567890n, 1],
    });
    expect(readJson('12345678901234567890', { bigints: true })).toBe(12345678901234567890n);
  });

  it('gives back what was sent', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
      fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 53n) }),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        leaf,
        fc.array(tie('node')),
        fc.dictionary(fc.stringMatching(/^[a-z0-9"\\]{1,20}$/), tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(value, (payload) => {
        expect(readJson(writeJson(payload), { dates: true, bigints: true })).toEqual(payload);
      }),
    );
  });

  it('says what can not be sent', () => {
    const circle: Record<string, unknown> = { id: 1n };
    circle.self = circle;
    expect(() => writeJson(circle)).toThrow(TypeError);
    expect(() => writeJson(() => 1)).toThrow('A payload of type function has no JSON form');
    expect(() => readJson('{"id":12345678901234567890', { bigints: true })).toThrow(SyntaxError);
  });
});

describe('a converter', () => {
  it('by default sends text, bytes and JSON, and reads them by their content type', () => {
    const converter = new DefaultMessageConverter({ dates: true });
    const at = new Date();
    expect(there(converter, 'café')).toBe('café');
    expect(there(converter, Buffer.from([0, 255]))).toEqual(Buffer.from([0, 255]));
    expect(there(converter, { at })).toEqual({ at });
  });

  it('of JSON makes JSON of a text, too', () => {
    const converter = new JsonMessageConverter({ bigints: true });
    expect(converter.toBody('{}')).toEqual({ body: Buffer.from('"{}"'), contentType: 'application/json' });
    expect(there(converter, 'x')).toBe('x');
    expect(there(converter, { id: BIG })).toEqual({ id: BIG });
  });

  it('of texts knows the charsets of Node', () => {
    const latin = new TextMessageConverter({ charset: 'iso-8859-1' });
    expect(latin.toBody('é')).toEqual({
      body: Buffer.from([0xe9]),
      contentType: 'text/plain;charset=ISO-8859-1',
    });
    expect(there(latin, 'é')).toBe('é');
    expect(there(new TextMessageConverter(), 42n)).toBe('42');
    expect(() => new TextMessageConverter({ charset: 'gbk' as 'utf-8' })).toThrow('The charset "gbk"');
    expect(() => latin.toBody({})).toThrow('A payload of type object is no text');
  });

  it('of bytes takes nothing else', () => {
    const converter = new BytesMessageConverter();
    expect(there(converter, Buffer.from([1]))).toEqual(Buffer.from([1]));
    expect(() => converter.toBody('x')).toThrow('A payload of type string is no Buffer or Uint8Array');
  });
});
