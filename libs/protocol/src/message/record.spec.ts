import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MessageSysFlag } from '../codes/sys-flag.ts';
import { decodeRecord, decodeRecords } from './decode-record.ts';
import { encodeRecord, type RecordFields } from './encode-record.ts';
import { encodeHost } from './host.ts';
import { encodeProperties } from './properties.ts';
import { BLANK_MAGIC, RecordOffset, recordSize } from './record-layout.ts';
import { SharedProperty } from './shared-property.ts';

const V4 = encodeHost('10.0.0.1', 10911);
const V6 = encodeHost('fe80::1', 10911);
const properties = new Map([
  ['TAGS', 'created'],
  ['KEYS', 'k1 k2'],
]);

function fields(more: Partial<RecordFields> = {}): RecordFields {
  return {
    topic: 'order',
    body: Buffer.from('hello'),
    bornHost: V4,
    storeHost: V4,
    properties: encodeProperties(properties),
    queueId: 3,
    flag: -1,
    queueOffset: 41,
    physicalOffset: 2 ** 40 + 5,
    sysFlag: MessageSysFlag.TRANSACTION_COMMIT_TYPE,
    bornTimestamp: 1_700_000_000_123,
    storeTimestamp: 1_700_000_000_456,
    reconsumeTimes: 2,
    preparedTransactionOffset: 2 ** 33,
    ...more,
  };
}

describe('a record', () => {
  it.each([
    ['IPv4 addresses', V4, V4, 0],
    ['an IPv6 born address', V6, V4, MessageSysFlag.BORNHOST_V6_FLAG],
    ['an IPv6 store address', V4, V6, MessageSysFlag.STOREHOSTADDRESS_V6_FLAG],
    ['IPv6 addresses', V6, V6, MessageSysFlag.BORNHOST_V6_FLAG | MessageSysFlag.STOREHOSTADDRESS_V6_FLAG],
  ])('with %s is read back as written', (_name, bornHost, storeHost, bits) => {
    const bytes = encodeRecord(fields({ bornHost, storeHost }));
    expect(bytes.length).toBe(
      recordSize(bornHost.length, storeHost.length, 5, 5, encodeProperties(properties).length),
    );
    const record = decodeRecord(bytes, 0, { checkCrc: true });
    expect(record).toMatchObject({
      totalSize: bytes.length,
      version: 1,
      topic: 'order',
      queueId: 3,
      flag: -1,
      queueOffset: 41,
      physicalOffset: 2 ** 40 + 5,
      sysFlag: MessageSysFlag.TRANSACTION_COMMIT_TYPE | bits,
      bornTimestamp: 1_700_000_000_123,
      storeTimestamp: 1_700_000_000_456,
      reconsumeTimes: 2,
      preparedTransactionOffset: 2 ** 33,
      bornHost: bornHost === V4 ? '10.0.0.1:10911' : '[fe80::1]:10911',
      storeHost: storeHost === V4 ? '10.0.0.1:10911' : '[fe80::1]:10911',
      properties,
    });
    expect(record?.body.toString()).toBe('hello');
  });

  it('says its offset message id', () => {
    expect(decodeRecord(encodeRecord(fields({ physicalOffset: 255 })), 0)?.offsetMsgId).toBe(
      '0A00000100002A9F00000000000000FF',
    );
    expect(decodeRecord(encodeRecord(fields({ storeHost: V6 })), 0)?.offsetMsgId).toHaveLength(56);
  });

  it('has the second version from 128 bytes of topic on', () => {
    const short = encodeRecord(fields({ topic: 't'.repeat(127) }));
    const long = encodeRecord(fields({ topic: 't'.repeat(128) }));
    expect([decodeRecord(short, 0)?.version, decodeRecord(long, 0)?.version]).toEqual([1, 2]);
    expect(long.length - short.length).toBe(2);
    expect(decodeRecord(long, 0)).toMatchObject({ topic: 't'.repeat(128), properties });
  });

  it('gives one property without decoding all, and the same afterwards', () => {
    const record = decodeRecord(encodeRecord(fields()), 0);
    expect([record?.property('KEYS'), record?.property('none')]).toEqual(['k1 k2', undefined]);
    expect(record?.properties).toBe(record?.properties);
    expect([record?.property('KEYS'), record?.property('none')]).toEqual(['k1 k2', undefined]);
  });

  it('gives its tag and properties that messages have in common as it gives others', () => {
    const type = new SharedProperty('type');
    const records = ['created', 'created', 'paid'].map((text) => {
      const map = new Map([
        ['TAGS', text],
        ['type', text],
      ]);
      return decodeRecord(encodeRecord(fields({ properties: encodeProperties(map) })), 0);
    });
    const texts = ['created', 'created', 'paid'];
    expect(records.map((record) => record?.tags)).toEqual(texts);
    expect(records.map((record) => record?.sharedProperty(type))).toEqual(texts);
    const [record] = records;
    expect(record?.sharedProperty(new SharedProperty('none'))).toBeUndefined();
    expect(record?.properties.get('TAGS')).toBe('created');
    expect([record?.tags, record?.sharedProperty(type)]).toEqual(['created', 'created']);
  });

  it('without body and properties is the smallest there is', () => {
    const bytes = encodeRecord({ topic: '', body: Buffer.alloc(0), bornHost: V4, storeHost: V4 });
    expect(bytes.length).toBe(91);
    expect(decodeRecord(bytes, 0)).toMatchObject({ topic: '', properties: new Map(), queueOffset: 0 });
  });

  it('may have room behind its properties, for a CRC of the whole', () => {
    const bytes = Buffer.concat([encodeRecord(fields()), Buffer.alloc(20)]);
    bytes.writeInt32BE(bytes.length, RecordOffset.TOTAL_SIZE);
    expect(decodeRecord(bytes, 0)).toMatchObject({ properties, totalSize: bytes.length });
  });

  it('that is damaged is none, wherever it was cut or changed', () => {
    const good = encodeRecord(fields());
    for (let length = 0; length < good.length; length++)
      expect(decodeRecord(good.subarray(0, length), 0)).toBeUndefined();
    const change = (at: number, value: number, size = 4) => {
      const bad = Buffer.from(good);
      bad.writeIntBE(value, at, size);
      return decodeRecord(bad, 0, { checkCrc: true });
    };
    expect(change(RecordOffset.MAGIC, BLANK_MAGIC)).toBeUndefined();
    expect(change(RecordOffset.TOTAL_SIZE, 90)).toBeUndefined();
    expect(change(RecordOffset.TOTAL_SIZE, -1)).toBeUndefined();
    expect(change(84, -1)).toBeUndefined();
    expect(change(84, 1_000_000)).toBeUndefined();
    expect(change(93, 127, 1)).toBeUndefined();
    expect(change(99, -1, 2)).toBeUndefined();
    expect(change(88, 0x78, 1)).toBeUndefined();
    expect(decodeRecord(good, -1)).toBeUndefined();
  });

  it('of random bytes never reaches outside them', () => {
    const good = encodeRecord(fields());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (edits) => {
          const bytes = Buffer.from(good);
          for (const [at, byte] of edits) bytes[at] = byte;
          const record = decodeRecord(bytes, 0);
          if (record === undefined) return;
          expect(record.body.length + record.propertiesBytes.length).toBeLessThan(bytes.length);
          void [record.topic, record.bornHost, record.storeHost, record.properties, record.offsetMsgId];
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not take more than its lengths can say', () => {
    expect(() => encodeRecord(fields({ properties: Buffer.alloc(32_768) }))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('decodeRecords', () => {
  it('reads record after record and ends at the first that is none', () => {
    const bytes = Buffer.concat([
      encodeRecord(fields({ queueOffset: 1 })),
      encodeRecord(fields({ queueOffset: 2, bornHost: V6 })),
      encodeRecord(fields({ queueOffset: 3, topic: 't'.repeat(200) })),
    ]);
    expect(decodeRecords(bytes).map((record) => record.queueOffset)).toEqual([1, 2, 3]);
    expect(decodeRecords(bytes.subarray(0, bytes.length - 1)).map((record) => record.queueOffset)).toEqual([
      1, 2,
    ]);
    expect(decodeRecords(Buffer.alloc(0))).toEqual([]);
  });
});
