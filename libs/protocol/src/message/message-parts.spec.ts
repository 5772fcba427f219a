import { crc32 as referenceCrc } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import fc from 'fast-check';
import { decodeBatch, encodeBatch } from './batch.ts';
import { crc32, crc32InScript } from './crc32.ts';
import { decodeHost, encodeHost } from './host.ts';
import { readInt64, writeInt64 } from './int64.ts';
import { decodeOffsetMessageId, offsetMessageId } from './message-id.ts';
import {
  isNotAllowedSendTopic,
  isSystemGroup,
  isSystemTopic,
  validateGroup,
  validateTopic,
} from './names.ts';
import { decodeProperties, encodeProperties, findProperty, isPropertyText } from './properties.ts';
import { createUniqueId, UniqueIdGenerator, uniqueIdTime } from './unique-id.ts';

describe('crc32', () => {
  it("is zlib's without the top bit, at every length and place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), (bytes, skip) => {
        const buffer = Buffer.from(bytes);
        const start = Math.min(skip, buffer.length);
        const expected = referenceCrc(buffer.subarray(start)) & 0x7fffffff;
        expect([crc32(buffer, start), crc32InScript(buffer, start, buffer.length)]).toEqual([
          expected,
          expected,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('64-bit integers', () => {
  it.each([0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1), 1_700_000_000_123])(
    'keep %p',
    (value) => {
      const bytes = Buffer.alloc(10);
      expect(writeInt64(bytes, value, 1)).toBe(9);
      expect(readInt64(bytes, 1)).toBe(value);
      expect(bytes.readBigInt64BE(1)).toBe(BigInt(value));
    },
  );
});

describe('hosts', () => {
  it.each([
    ['127.0.0.1', 10911, '7f00000100002a9f', '127.0.0.1:10911'],
    ['::ffff:10.0.0.7', 80, '0a00000700000050', '10.0.0.7:80'],
    ['::1', 1, '0000000000000000000000000000000100000001', '[::1]:1'],
    ['::', 1, '0000000000000000000000000000000000000001', '[::]:1'],
    ['fe80::1%eth0', 1, 'fe80000000000000000000000000000100000001', '[fe80::1]:1'],
    ['2001:db8:0:0:1:0:0:1', 65535, '20010db80000000000010000000000010000ffff', '[2001:db8::1:0:0:1]:65535'],
    ['1:2:3:4:5:6:7:8', 1, '0001000200030004000500060007000800000001', '[1:2:3:4:5:6:7:8]:1'],
    ['64:ff9b::1.2.3.4', 1, '0064ff9b00000000000000000102030400000001', '[64:ff9b::102:304]:1'],
  ])('%s:%i becomes bytes and text', (ip, port, hex, text) => {
    const bytes = encodeHost(ip, port);
    expect(bytes.toString('hex')).toBe(hex);
    expect(decodeHost(bytes)).toBe(text);
  });

  it.each(['', 'localhost', '1.2.3', '256.1.1.1', ':::1'])('refuses %j', (ip) => {
    expect(() => encodeHost(ip, 1)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('properties', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isPropertyText);

  it('are read back as written, with and without the last separator', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name)), (entries) => {
        const properties = new Map(entries);
        const bytes = encodeProperties(properties);
        expect(decodeProperties(bytes)).toEqual(properties);
        expect(decodeProperties(bytes.subarray(0, Math.max(0, bytes.length - 1)))).toEqual(properties);
      }),
    );
  });

  it.each([
    ['', []],
    ['a\u0001b', [['a', 'b']]],
    [
      'a\u0001b\u0002c\u0001d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['\u0001b\u0002a\u0001\u0002\u0002c\u0002d\u0001e', [['d', 'e']]],
    ['a\u0001b\u0001c\u0002', [['a', 'b\u0001c']]],
    ['a\u00011\u0002a\u00012\u0002', [['a', '2']]],
  ])('%j reads as Java reads it', (text, entries) => {
    expect([...decodeProperties(Buffer.from(text))]).toEqual(entries);
  });

  it('are found without decoding exactly where decoding finds them', () => {
    const unit = fc.constantFrom('a', 'b', '\u0001', '\u0002', '\u8ba2');
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 40 }),
        fc.constantFrom('a', 'b', 'ab', '\u8ba2'),
        (text, wanted) => {
          const bytes = Buffer.from(`..${text}..`);
          const found = findProperty(bytes, 2, bytes.length - 2, wanted);
          const value = found && bytes.toString('utf8', found.start, found.end);
          expect(value).toBe(decodeProperties(Buffer.from(text)).get(wanted));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('batches', () => {
  const message = fc.record({
    flag: fc.integer(),
    body: fc.uint8Array(),
    properties: fc.constant(new Map([['UNIQ_KEY', 'A']])),
  });

  it('are read back as written', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const parts = decodeBatch(encodeBatch(messages));
        expect(
          parts.map(({ flag, body, properties }) => ({ flag, body: new Uint8Array(body), properties })),
        ).toEqual(messages);
      }),
      { numRuns: 100 },
    );
  });

  it('are refused whole when cut or changed', () => {
    const good = encodeBatch([
      { body: Buffer.from('a'), properties: new Map() },
      { body: Buffer.from('bc'), properties: new Map() },
    ]);
    const first = 23;
    for (let length = 1; length < good.length; length++) {
      if (length === first) continue;
      expect(() => decodeBatch(good.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL' }),
      );
    }
    for (const [at, value] of [
      [0, 0],
      [0, -1],
      [0, 22],
      [0, 24],
      [16, -1],
      [16, 2],
      [16, 1000],
    ] as const) {
      const bad = Buffer.from(good);
      bad.writeInt32BE(value, at);
      expect(() => decodeBatch(bad)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
    }
  });

  it('are refused when something stands behind the properties of a message', () => {
    const padded = Buffer.concat([
      encodeBatch([{ body: Buffer.from('a'), properties: new Map() }]),
      Buffer.alloc(1),
    ]);
    padded.writeInt32BE(padded.length, 0);
    expect(() => decodeBatch(padded)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });

  it('do not take properties longer than their length can say', () => {
    const properties = new Map([['a', 'x'.repeat(32_767)]]);
    expect(() => encodeBatch([{ body: Buffer.alloc(0), properties }])).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('offset message ids', () => {
  it('are read back', () => {
    const id = offsetMessageId(encodeHost('::1', 10911), 2 ** 40);
    expect(decodeOffsetMessageId(id.toLowerCase())).toEqual({ host: '[::1]:10911', offset: 2 ** 40 });
  });

  it.each(['', '0A', 'x'.repeat(32), '0'.repeat(33), '0'.repeat(55)])('are not %j', (id) => {
    expect(() => decodeOffsetMessageId(id)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('unique ids', () => {
  const start = new Date(2026, 0, 31, 23, 59, 59, 998).getTime();

  it('hold address, process, time within the month and a counter', () => {
    const clock = new ManualClock(start);
    const ids = new UniqueIdGenerator({ clock, ip: '10.0.0.7', pid: 0x1_1234 });
    const [first, second] = [ids.next(), ids.next()];
    expect(first).toMatch(/^0A0000071234[0-9A-F]{8}[0-9A-F]{8}0000$/);
    expect(second.slice(0, -4)).toBe(first.slice(0, -4));
    expect(second.slice(-4)).toBe('0001');
    expect(uniqueIdTime(first, start)).toBe(start);
    expect(new UniqueIdGenerator({ clock, ip: '::1' }).next()).toHaveLength(56);
  });

  it('begin anew with the month, and tell the time across it', () => {
    const clock = new ManualClock(start);
    const ids = new UniqueIdGenerator({ clock, ip: '10.0.0.7' });
    const before = ids.next();
    clock.advance(2);
    const after = ids.next();
    expect(after.slice(20, 28)).toBe('00000000');
    expect([uniqueIdTime(before, start + 2), uniqueIdTime(after, start + 2)]).toEqual([start, start + 2]);
  });

  it('are different for 65,536 messages of one millisecond', () => {
    const ids = new UniqueIdGenerator({ clock: new ManualClock(start), ip: '10.0.0.7' });
    expect(new Set(Array.from({ length: 65_536 }, () => ids.next())).size).toBe(65_536);
  });

  it("are the process's own without further ado, and nothing else is one", () => {
    expect(createUniqueId()).toMatch(/^(?:[0-9A-F]{32}|[0-9A-F]{56})$/);
    expect(createUniqueId()).not.toBe(createUniqueId());
    expect([uniqueIdTime('x', start), uniqueIdTime('F'.repeat(32), start)]).toEqual([undefined, undefined]);
  });
});

describe('names', () => {
  it.each([
    'order',
    'a|b%c_d-e',
    'TBW102',
    '%RETRY%group',
    't'.repeat(127),
    `%RETRY%${'g'.repeat(248)}`,
    '%2e%2e%2fx',
  ])('a topic may be called %s', (name) => {
    expect(validateTopic(name)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    '../x',
    'a b',
    'a.b',
    'a/b',
    'a\0',
    'a\n',
    '\u8ba2\u5355',
    't'.repeat(128),
    `%DLQ%${'g'.repeat(251)}`,
  ])('a topic may not be called %j', (name) => {
    expect(validateTopic(name)).toMatch(/^The specified topic/);
  });

  it('a group has 120 characters at most', () => {
    expect(validateGroup('g'.repeat(120))).toBeUndefined();
    expect(validateGroup('g'.repeat(121))).toMatch(/max length 120/);
    expect(validateGroup('%RETRY%../x')).toMatch(/illegal characters/);
    expect(validateGroup('')).toMatch(/blank/);
  });

  it('a name that is missing is blank, as of an environment variable that is not set', () => {
    const missing: string[] = [];
    expect(validateTopic(missing[0] as string)).toMatch(/topic is blank/);
    expect(validateGroup(missing[0] as string)).toMatch(/group is blank/);
  });

  it('belong to RocketMQ or not', () => {
    expect(['TBW102', 'rmq_sys_x', 'order', 'CHECKPOINT_TOPIC'].map(isSystemTopic)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(['TBW102', 'SCHEDULE_TOPIC_XXXX', 'order'].map(isNotAllowedSendTopic)).toEqual([
      false,
      true,
      false,
    ]);
    expect(['DEFAULT_CONSUMER', 'CID_RMQ_SYS_X', 'order'].map(isSystemGroup)).toEqual([true, true, false]);
  });
});
