import { describe, expect, it } from '@jest/globals';
import { HeaderError } from './header-error.ts';
import { HeaderView } from './header-view.ts';

const JSON_TYPE = 0;
const BINARY_TYPE = 1;

function parsed(json: string): HeaderView {
  const view = new HeaderView();
  const bytes = Buffer.from(json);
  expect(view.parse(bytes, JSON_TYPE, 0, bytes.length)).toBe(true);
  return view;
}

function refused(header: string | Uint8Array, serializeType = JSON_TYPE): boolean {
  const bytes = Buffer.from(header);
  return !new HeaderView().parse(bytes, serializeType, 0, bytes.length);
}

function copied(view: HeaderView, key: string): string {
  const target = Buffer.alloc(4096, 0xff);
  return target.toString('utf8', 3, 3 + view.copyTo(key, target, 3));
}

describe('a JSON header', () => {
  it('gives what stands in it', () => {
    const view = parsed(
      '{"code":310,"extFields":{"a":"group","b":"topic","queueId":"3"},"flag":2,"language":"JAVA","opaque":-7,"remark":"r","serializeTypeCurrentRPC":"JSON","version":409}',
    );
    expect(view).toMatchObject({
      code: 310,
      flag: 2,
      opaque: -7,
      version: 409,
      language: 'JAVA',
      remark: 'r',
      fieldCount: 3,
    });
    expect(view.isOneway).toBe(true);
    expect(view.isResponse).toBe(false);
    expect([view.get('a'), view.get('b'), view.get('c'), view.get('queueId')]).toEqual([
      'group',
      'topic',
      undefined,
      '3',
    ]);
    expect(view.int('queueId')).toBe(3);
  });

  it('lies anywhere in its buffer', () => {
    const header = '{"code":11,"opaque":5}';
    const bytes = Buffer.from(`}}}${header}{"x`);
    const view = new HeaderView();
    expect(view.parse(bytes, JSON_TYPE, 3, 3 + header.length)).toBe(true);
    expect(view.opaque).toBe(5);
    expect(view.parse(bytes, JSON_TYPE, 3, 2 + header.length)).toBe(false);
    expect(view.parse(bytes, JSON_TYPE, 3, 4 + header.length)).toBe(false);
  });

  it('leaves nothing behind for the next one', () => {
    const view = new HeaderView();
    const first = Buffer.from(
      '{"code":1,"extFields":{"a":"x","long":"y"},"flag":1,"opaque":9,"remark":"r","language":"GO","version":3}',
    );
    view.parse(first, JSON_TYPE, 0, first.length);
    // The buffer is the socket's: it is written over before the next header is read.
    first.fill(0x62);
    const second = Buffer.from('{}');
    expect(view.parse(second, JSON_TYPE, 0, 2)).toBe(true);
    expect(view).toMatchObject({ code: 0, flag: 0, opaque: 0, version: 0, language: '', fieldCount: 0 });
    expect([view.remark, view.get('a'), view.get('b'), view.get('long')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['"9999"', 9999],
    ['null', 0],
    ['1.5', 1],
    ['true', 1],
    ['1e3', 1000],
    ['""', 0],
    ['-5', -5],
    ['2147483647', 2147483647],
  ])('takes %s as a code', (written, code) => {
    expect(parsed(`{"code":${written},"opaque":1}`).code).toBe(code);
  });

  it.each([
    '"abc"',
    '12345678901234567890',
    '"12345678901234567890"',
    '2147483648',
    '-2147483649',
    '{}',
    '[]',
  ])('refuses %s as a code and as an opaque', (written) => {
    expect(refused(`{"code":${written}}`)).toBe(true);
    expect(refused(`{"code":1,"opaque":${written}}`)).toBe(true);
  });

  it('takes numbers and booleans as fields, and drops null', () => {
    const view = parsed('{"code":1,"extFields":{"n":5,"m":-12,"f":1.5,"t":true,"u":false,"z":null}}');
    expect([
      view.get('n'),
      view.get('m'),
      view.get('f'),
      view.get('t'),
      view.get('u'),
      view.get('z'),
    ]).toEqual(['5', '-12', '1.5', 'true', 'false', undefined]);
  });

  it.each(['{"x":{}}', '{"x":[1]}', '[]', '"text"', '1'])('refuses %s as its fields', (fields) => {
    expect(refused(`{"code":1,"extFields":${fields}}`)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '{',
    '[]',
    'null',
    '"x"',
    '{"code":1',
    '{"code":1}x',
    '{"code":1,}',
    '{"code":01}',
    '{"language":"JAV',
    '{"extFields":{"a":"b}',
    '{"extFields":{"a":"b"}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"remark":"\\u12"}',
    'noise \u0000\u0001',
  ])('refuses %j', (header) => {
    expect(refused(header)).toBe(true);
  });

  it('takes no longer for hostile nesting than its limit allows', () => {
    expect(refused(`{"x":${'['.repeat(500_000)}`)).toBe(true);
    expect(refused(`{"x":${'['.repeat(60_000)}`)).toBe(true);
  });

  it('reads spaces, unknown members and members that are objects', () => {
    const view = parsed(' { "code" : 5 , "future" : { "a" : [ 1 ] } , "extFields" : { "k" : "v" } } ');
    expect([view.code, view.get('k')]).toEqual([5, 'v']);
  });

  it('unescapes, to text and to bytes alike', () => {
    const value = 'a\u0001b\u0002"\\/\b\f\n\r\t\u007f\u00e9\u8ba2\ud83d\ude00';
    const unit = (i: number) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`;
    const escaped = Array.from({ length: value.length }, (_, i) => unit(i)).join('');
    const view = parsed(`{"extFields":{"raw":${JSON.stringify(value)},"esc":"${escaped}"}}`);
    expect([view.get('raw'), view.get('esc')]).toEqual([value, value]);
    expect([copied(view, 'raw'), copied(view, 'esc')]).toEqual([value, value]);
  });

  it('turns lone surrogates and broken UTF-8 into U+FFFD, in both ways to read', () => {
    const view = new HeaderView();
    const bytes = Buffer.concat([
      Buffer.from('{"extFields":{"a":"\\ud800x\\udc00","b":"'),
      Buffer.from([0xe4, 0xb8]),
      Buffer.from('"}}'),
    ]);
    expect(view.parse(bytes, JSON_TYPE, 0, bytes.length)).toBe(true);
    expect([view.get('a'), copied(view, 'a')]).toEqual(['\ufffdx\ufffd', '\ufffdx\ufffd']);
    expect([view.get('b'), copied(view, 'b')]).toEqual(['\ufffd', '\ufffd']);
  });

  it.each([
    ['\\ud83d\\ue000', '\ufffd\ue000'],
    ['\\ud83d\\ud83d\\ude00', '\ufffd\ud83d\ude00'],
    ['\\ude00\\ud83d', '\ufffd\ufffd'],
    ['\\ud83dx', '\ufffdx'],
  ])('reads the escapes %s as JSON.parse would, well-formed', (escapes, text) => {
    const view = parsed(`{"extFields":{"a":"${escapes}"}}`);
    expect([view.get('a'), copied(view, 'a')]).toEqual([text, text]);
  });

  it('gives the last value of a key that comes twice', () => {
    const view = parsed('{"code":1,"code":2,"extFields":{"a":"1","long":"1","a":"2","long":"2"}}');
    expect([view.code, view.get('a'), view.get('long'), view.fieldCount]).toEqual([2, '2', '2', 2]);
    expect(parsed('{"extFields":{"a":"1"},"extFields":{"b":"2"}}').get('a')).toBeUndefined();
    expect(parsed('{"extFields":{"a":"1"},"extFields":null}').fieldCount).toBe(0);
  });

  it('takes more fields than the scanner, up to 1,024', () => {
    const header = (count: number) =>
      JSON.stringify({
        code: 1,
        extFields: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, String(i)])),
      });
    expect(parsed(header(65)).get('k64')).toBe('64');
    expect(parsed(header(1024)).get('k1023')).toBe('1023');
    expect(refused(header(1025))).toBe(true);
  });

  it('finds keys beyond ASCII and of Object.prototype', () => {
    const view = parsed('{"extFields":{"\u8ba2":"x","\u00e9":"y","__proto__":"z"}}');
    expect([view.get('\u8ba2'), view.get('\u00e9'), view.get('__proto__')]).toEqual(['x', 'y', 'z']);
    expect([view.get('toString'), view.get('\u5355')]).toEqual([undefined, undefined]);
  });

  it('becomes a command that is independent of the buffer', () => {
    const bytes = Buffer.from(
      '{"code":34,"extFields":{"k":"v"},"flag":1,"language":"GO","opaque":3,"remark":"ok","version":317}',
    );
    const view = new HeaderView();
    view.parse(bytes, JSON_TYPE, 0, bytes.length);
    const command = view.toCommand(Buffer.from('body'));
    bytes.fill(0);
    expect(command).toMatchObject({
      code: 34,
      flag: 1,
      language: 'GO',
      opaque: 3,
      remark: 'ok',
      version: 317,
      serializeType: 0,
    });
    expect([...command.extFields]).toEqual([['k', 'v']]);
    expect(command.body.toString()).toBe('body');
  });
});

describe('the fields of a header', () => {
  const view = parsed(
    '{"extFields":{"i":"41","l":"1700000000123","big":"9223372036854775807","neg":"-3","t":"True","x":"yes","e":"","p":"+5"}}',
  );

  it("are numbers and booleans by Java's rules", () => {
    expect([view.int('i'), view.long('l'), view.long('big'), view.int('neg'), view.int('p')]).toEqual([
      41,
      1700000000123,
      2 ** 63,
      -3,
      5,
    ]);
    expect([view.bool('t'), view.bool('x'), view.bool('e')]).toEqual([true, false, false]);
    expect([view.int('none'), view.long('none'), view.bool('none')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['int', 'l'],
    ['int', 'x'],
    ['long', 'x'],
    ['long', 'e'],
  ] as const)('%s refuses a text that is none, naming the field (%s)', (method, key) => {
    expect(() => view[method](key)).toThrow(HeaderError);
    expect(() => view[method](key)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL', responseCode: 1, field: key }),
    );
  });

  it('are copied only where they fit', () => {
    const target = Buffer.alloc(4);
    expect(view.copyTo('none', target, 0)).toBe(-1);
    expect(view.copyTo('i', target, 2)).toBe(2);
    expect(target.toString('latin1')).toBe('\0\x0041');
    expect(() => view.copyTo('i', target, 3)).toThrow(HeaderError);
    expect(() => parsed('{"extFields":{"i":"\\u8ba2\\u5355"}}').copyTo('i', target, 0)).toThrow(HeaderError);
    expect(() => parsed('{"extFields":{"i":"\u8ba2\u5355"}}').copyTo('i', target, 0)).toThrow(HeaderError);
    expect(parsed('{"extFields":{"i":"\\u8ba2"}}').copyTo('i', target, 1)).toBe(3);
  });
});

describe('a binary header', () => {
  function binary(fields: Buffer, remark = '', language = 0): Buffer {
    const bytes = Buffer.alloc(17 + remark.length + 4);
    bytes.writeInt16BE(11, 0);
    bytes.writeInt8(language, 2);
    bytes.writeInt16BE(409, 3);
    bytes.writeInt32BE(77, 5);
    bytes.writeInt32BE(1, 9);
    bytes.writeInt32BE(remark.length, 13);
    bytes.write(remark, 17);
    bytes.writeInt32BE(fields.length, 17 + remark.length);
    return Buffer.concat([bytes, fields]);
  }
  function field(key: string, value: string): Buffer {
    const lengths = [Buffer.alloc(2), Buffer.alloc(4)] as const;
    lengths[0].writeInt16BE(Buffer.byteLength(key));
    lengths[1].writeInt32BE(Buffer.byteLength(value));
    return Buffer.concat([lengths[0], Buffer.from(key), lengths[1], Buffer.from(value)]);
  }
  const read = (bytes: Buffer): HeaderView => {
    const view = new HeaderView();
    expect(view.parse(bytes, BINARY_TYPE, 0, bytes.length)).toBe(true);
    return view;
  };

  it('gives what stands in it', () => {
    const view = read(
      binary(Buffer.concat([field('topic', '\u8ba2\u5355'), field('a', 'x'), field('a', 'y')]), 'why', 9),
    );
    expect(view).toMatchObject({
      code: 11,
      version: 409,
      opaque: 77,
      flag: 1,
      language: 'GO',
      remark: 'why',
      serializeType: 1,
    });
    expect([view.get('topic'), view.get('a'), view.fieldCount]).toEqual(['\u8ba2\u5355', 'y', 2]);
    expect(copied(view, 'topic')).toBe('\u8ba2\u5355');
  });

  it('has no remark where its length is 0, and no language where the number is unknown', () => {
    const view = read(binary(Buffer.alloc(0), '', 99));
    expect([view.remark, view.language, view.fieldCount]).toEqual([undefined, '', 0]);
  });

  it('is refused when its lengths do not add up', () => {
    const good = binary(field('topic', 'order'), 'why');
    expect(refused(good.subarray(0, 20), BINARY_TYPE)).toBe(true);
    for (const [at, value] of [
      [13, -1],
      [13, 1000],
      [20, -1],
      [20, 1000],
      [31, -1],
      [31, 1000],
    ] as const) {
      const bad = Buffer.from(good);
      bad.writeInt32BE(value, at);
      expect(refused(bad, BINARY_TYPE)).toBe(true);
    }
    const badKey = Buffer.from(good);
    badKey.writeInt16BE(-1, 24);
    expect(refused(badKey, BINARY_TYPE)).toBe(true);
  });

  it('is refused under an unknown serialize type', () => {
    expect(refused('{}', 2)).toBe(true);
    expect(refused('{}', 255)).toBe(true);
  });
});
