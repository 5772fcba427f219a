import { jest } from '@jest/globals';
import {
  decodeBatch,
  decodeRecords,
  encodeBatch,
  encodeHost,
  encodeProperties,
  javaHashCode,
} from '@nest-rocketmq/protocol';
import { RECORD_OVERHEAD, StoreFixture } from './testing/store-fixture.ts';

describe('MessageStore.append', () => {
  it('gives back every field of what was appended', async () => {
    const fixture = await StoreFixture.open();
    const message = fixture.message('orders', 3, 'hello', { TAGS: 'paid', KEYS: 'a b', UNIQ_KEY: 'U1' });
    message.flag = 7;
    message.sysFlag = 0x1;
    message.reconsumeTimes = 2;
    message.preparedTransactionOffset = 2 ** 40 + 5;
    const { physicalOffset } = fixture.store.append(message);
    fixture.store.commit();
    const [record] = fixture.pull('orders', 3);
    expect(record).toMatchObject({
      topic: 'orders',
      queueId: 3,
      flag: 7,
      sysFlag: 0x1,
      queueOffset: 0,
      physicalOffset,
      bornTimestamp: fixture.clock.now() - 5,
      bornHost: '10.1.2.3:45678',
      storeHost: '10.9.8.7:10911',
      storeTimestamp: fixture.clock.now(),
      reconsumeTimes: 2,
      preparedTransactionOffset: 2 ** 40 + 5,
    });
    expect(record?.body.toString()).toBe('hello');
    expect(Object.fromEntries(record?.properties ?? [])).toEqual({
      TAGS: 'paid',
      KEYS: 'a b',
      UNIQ_KEY: 'U1',
    });
  });

  it('numbers the messages of each queue from 0 on, and the log by bytes', async () => {
    const fixture = await StoreFixture.open();
    const first = fixture.append('a', 0, 'x');
    const second = fixture.append('a', 1, 'y');
    const third = fixture.append('a', 0, 'z');
    expect([first.queueOffset, second.queueOffset, third.queueOffset]).toEqual([0, 0, 1]);
    expect(first.size).toBe(RECORD_OVERHEAD + 2);
    expect(second.physicalOffset).toBe(first.endOffset);
    expect(third.endOffset).toBe(3 * first.size);
  });

  it('writes a topic above 127 bytes in the second layout', async () => {
    const fixture = await StoreFixture.open();
    const topic = `%RETRY%${'g'.repeat(130)}`;
    fixture.send(topic, 0, 'x');
    const [record] = fixture.pull(topic, 0);
    expect(record?.topic).toBe(topic);
    expect(record?.version).toBe(2);
    await fixture.restart();
    expect(fixture.bodies(topic, 0)).toEqual(['x']);
  });

  it('marks IPv6 hosts in the system flag', async () => {
    const fixture = await StoreFixture.open();
    const message = fixture.message('a', 0, 'x');
    message.bornHost = encodeHost('2001:db8::1', 99);
    message.storeHost = encodeHost('2001:db8::2', 10911);
    fixture.store.append(message);
    fixture.store.commit();
    expect(fixture.pull('a', 0)[0]).toMatchObject({
      sysFlag: 0x30,
      bornHost: expect.stringContaining('2001:db8'),
    });
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['x']);
    expect(fixture.store.getStoreTime('a', 0, 0)).toBe(fixture.clock.now());
  });

  it('never lets store timestamps go back', async () => {
    const fixture = await StoreFixture.open();
    const first = fixture.append('a', 0, 'x').storeTimestamp;
    fixture.clock.now = () => first - 10_000;
    expect(fixture.append('a', 0, 'y').storeTimestamp).toBe(first);
  });

  it('gives half and rolled back messages no place in a queue', async () => {
    const fixture = await StoreFixture.open();
    for (const [type, body] of [
      [0x4, 'half'],
      [0xc, 'rollback'],
      [0x8, 'commit'],
      [0, 'plain'],
    ] as const) {
      const message = fixture.message('a', 0, body);
      message.sysFlag = type;
      expect(fixture.store.append(message).queueOffset).toBe(body === 'plain' ? 1 : 0);
    }
    fixture.store.commit();
    expect(fixture.bodies('a', 0)).toEqual(['commit', 'plain']);
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['commit', 'plain']);
    expect(fixture.append('a', 0, 'next').queueOffset).toBe(2);
  });

  it('puts the tag hash into the queue, and the time of delivery for delayed messages', async () => {
    const fixture = await StoreFixture.open();
    fixture.append('a', 0, 'x', { TAGS: 'größe' });
    fixture.append('a', 0, 'x');
    fixture.append('SCHEDULE_TOPIC_XXXX', 2, 'x', { TAGS: 't', DELAY: '3' });
    fixture.store.commit();
    expect(fixture.store.queueEntry('a', 0, 0)?.tagsCode).toBe(javaHashCode('größe'));
    expect(fixture.store.queueEntry('a', 0, 1)?.tagsCode).toBe(0);
    expect(fixture.store.queueEntry('SCHEDULE_TOPIC_XXXX', 2, 0)?.tagsCode).toBe(
      fixture.clock.now() + 10_000,
    );
    const now = fixture.clock.now();
    await fixture.restart();
    expect(fixture.store.queueEntry('SCHEDULE_TOPIC_XXXX', 2, 0)?.tagsCode).toBe(now + 10_000);
  });

  it('takes the places of the properties from its caller, while the message has those properties', async () => {
    const fixture = await StoreFixture.open();
    const message = fixture.message('a', 0, 'x', { TAGS: 'right' });
    const tagsStart = message.properties.indexOf('right');
    // Less than all of it, to see that nobody looks again.
    const places = {
      tagsStart,
      tagsEnd: tagsStart + 3,
      keysStart: -1,
      keysEnd: -1,
      uniqKeyStart: -1,
      uniqKeyEnd: -1,
    };
    message.places = places;
    fixture.store.append(message);
    fixture.store.append(message.content(Buffer.from('y'), Buffer.from('a\u0001b\u0002TAGS\u0001new\u0002')));
    fixture.store.commit();
    expect(fixture.store.queueEntry('a', 0, 0)?.tagsCode).toBe(javaHashCode('rig'));
    expect(fixture.store.queueEntry('a', 0, 1)?.tagsCode).toBe(javaHashCode('new'));
  });

  it('refuses what is too large, and names why', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 16 * 1024 * 1024 });
    const status = (topic: string, body: number, properties = 0): string =>
      fixture.store.append(
        fixture.message(topic, 0, '').content(Buffer.alloc(body), Buffer.alloc(properties)),
      ).status;
    expect(status('a', 4 * 1024 * 1024)).toBe('PUT_OK');
    expect(status('a', 4 * 1024 * 1024 + 1)).toBe('MESSAGE_ILLEGAL');
    expect(status('a', 1, 32767)).toBe('PUT_OK');
    expect(status('a', 1, 32768)).toBe('PROPERTIES_SIZE_EXCEEDED');
    expect(status('t'.repeat(127), 1)).toBe('PUT_OK');
    expect(status('t'.repeat(128), 1)).toBe('MESSAGE_ILLEGAL');
    expect(status(`%RETRY%${'t'.repeat(249)}`, 1)).toBe('MESSAGE_ILLEGAL');
    expect(status('', 1)).toBe('MESSAGE_ILLEGAL');
  });

  it.each(['../x', 'a/b', '..', '.', 'a\\b', 'a\0b'])(
    'keeps the topic %j out of the file system',
    async (topic) => {
      const fixture = await StoreFixture.open();
      expect(fixture.append(topic, 0, 'x').status).toBe('MESSAGE_ILLEGAL');
    },
  );

  it('refuses before load and after shutdown', async () => {
    const fixture = StoreFixture.create();
    expect(fixture.append('a', 0, 'x').status).toBe('SERVICE_NOT_AVAILABLE');
    await fixture.load();
    expect(fixture.append('a', 0, 'x').status).toBe('PUT_OK');
    await fixture.store.shutdown();
    expect(fixture.append('a', 0, 'x').status).toBe('SERVICE_NOT_AVAILABLE');
    expect(fixture.fs.openCount).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });
});

describe('the end of a commit log file', () => {
  const size = 1024;
  const fill = (bytes: number): string => 'x'.repeat(bytes - RECORD_OVERHEAD - 1);

  it('case 1: takes a record that leaves exactly eight bytes', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: size });
    expect(fixture.send('a', 0, fill(size - 8)).physicalOffset).toBe(0);
    expect(fixture.send('a', 0, 'next').physicalOffset).toBe(size);
    const file = fixture.fs.content('/store/commitlog/00000000000000000000');
    expect(file.readInt32BE(size - 8)).toBe(8);
    expect(file.readInt32BE(size - 4)).toBe(-875286124);
  });

  it('case 1: goes to the next file for one byte more, leaving eight bytes of mark and zeros', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: size });
    const first = fixture.send('a', 0, fill(500));
    expect(fixture.send('a', 0, fill(size - 500 - 7)).physicalOffset).toBe(size);
    const file = fixture.fs.content('/store/commitlog/00000000000000000000');
    expect(file.readInt32BE(first.endOffset)).toBe(size - 500);
    expect(file.readInt32BE(first.endOffset + 4)).toBe(-875286124);
    expect(file.subarray(first.endOffset + 8).every((byte) => byte === 0)).toBe(true);
    await fixture.restart();
    expect(fixture.pull('a', 0).map((record) => record.physicalOffset)).toEqual([0, size]);
  });

  it('refuses what no file can hold', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: size });
    expect(fixture.send('a', 0, fill(size - 7)).status).toBe('MESSAGE_ILLEGAL');
  });

  it('moves a whole batch to the next file', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: size });
    fixture.send('a', 0, fill(500));
    const parts = decodeBatch(
      encodeBatch(['1', '2', '3'].map((text) => ({ body: Buffer.alloc(100, text), properties: new Map() }))),
    );
    const result = fixture.store.appendBatch(fixture.message('a', 0, ''), parts);
    fixture.store.commit();
    expect(result.physicalOffsets).toEqual([size, size + 192, size + 384]);
    expect(fixture.pull('a', 0)).toHaveLength(4);
  });
});

describe('MessageStore.appendBatch', () => {
  it('stores the messages one after the other, with the properties of the batch behind their own', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'before');
    const bodies = ['one', 'two', 'three'];
    const parts = decodeBatch(
      encodeBatch(
        bodies.map((body, i) => ({
          flag: i,
          body: Buffer.from(body),
          properties: new Map([['UNIQ_KEY', `U${i}`]]),
        })),
      ),
    );
    const message = fixture.message('a', 0, 'not used', { CLUSTER: 'c' });
    const result = { ...fixture.store.appendBatch(message, parts) };
    fixture.store.commit();
    expect(result).toMatchObject({ status: 'PUT_OK', queueOffset: 1, count: 3 });
    const records = fixture.pull('a', 0, 1);
    expect(records.map((record) => record.body.toString())).toEqual(bodies);
    expect(records.map((record) => record.queueOffset)).toEqual([1, 2, 3]);
    expect(records.map((record) => record.physicalOffset)).toEqual(result.physicalOffsets);
    expect(records[1]?.properties).toEqual(
      new Map([
        ['UNIQ_KEY', 'U1'],
        ['CLUSTER', 'c'],
      ]),
    );
    expect(fixture.store.queryByKey('a', 'U2', 10, 0, Infinity).records).toHaveLength(1);
  });

  it('refuses a batch above the limit, and an empty one, storing nothing', async () => {
    const fixture = await StoreFixture.open({ maxMessageSize: 1000 });
    const parts = decodeBatch(
      encodeBatch([1, 2].map(() => ({ body: Buffer.alloc(500), properties: new Map() }))),
    );
    expect(fixture.store.appendBatch(fixture.message('a', 0, ''), parts).status).toBe('MESSAGE_ILLEGAL');
    expect(fixture.store.appendBatch(fixture.message('a', 0, ''), []).status).toBe('MESSAGE_ILLEGAL');
    fixture.store.commit();
    expect(fixture.store.writtenOffset).toBe(0);
  });

  it('leaves the physical offsets of a single message empty', async () => {
    const fixture = await StoreFixture.open();
    const parts = decodeBatch(encodeBatch([{ body: Buffer.from('x'), properties: new Map() }]));
    expect(fixture.store.appendBatch(fixture.message('a', 0, ''), parts).physicalOffsets).toEqual([0]);
    expect(fixture.append('a', 0, 'y').physicalOffsets).toEqual([]);
  });
});

describe('MessageStore.commit', () => {
  it('writes a tick with one call, then reports it, then tells of the arrivals', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'warm up');
    fixture.progress.length = fixture.arrivals.length = 0;
    const writes = fixture.fs.calls.write;
    fixture.append('a', 0, 'x', { TAGS: 't' });
    const { endOffset } = fixture.append('a', 1, 'y');
    expect(fixture.store.getMaxOffset('a', 0)).toBe(1);
    expect(fixture.fs.calls.write).toBe(writes);
    fixture.store.commit();
    expect(fixture.fs.calls.write).toBe(writes + 1);
    expect(fixture.progress).toEqual([[endOffset, 0]]);
    const storeTimestamp = fixture.clock.now();
    expect(fixture.arrivals).toEqual([
      { topic: 'a', queueId: 0, maxOffset: 2, tagsCode: javaHashCode('t'), storeTimestamp },
      { topic: 'a', queueId: 1, maxOffset: 1, tagsCode: 0, storeTimestamp },
    ]);
    fixture.store.commit();
    expect(fixture.progress).toHaveLength(1);
  });

  it('flushes in the background every flushIntervalCommitLog', async () => {
    const fixture = await StoreFixture.open();
    const { endOffset } = fixture.send('a', 0, 'x');
    expect(fixture.store.flushedOffset).toBe(0);
    fixture.clock.advance(500);
    await fixture.settle();
    expect(fixture.progress.at(-1)).toEqual([endOffset, endOffset]);
  });

  it('flushes before that when much is written, once at a time', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 32 * 1024 * 1024 });
    const body = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 3; i++) fixture.send('a', 0, body);
    await fixture.settle();
    expect(fixture.store.flushedOffset).toBe(0);
    fixture.fs.hold();
    const fourth = fixture.send('a', 0, body);
    for (let i = 0; i < 3; i++) fixture.send('a', 0, body);
    fixture.fs.release();
    await fixture.settle();
    expect(fixture.store.flushedOffset).toBe(fourth.endOffset);
    fixture.fs.hold();
    const eighth = fixture.send('a', 0, body);
    for (let i = 0; i < 4; i++) fixture.send('a', 0, body);
    fixture.fs.release();
    expect(fixture.store.flushedOffset).toBe(eighth.endOffset);
    await fixture.settle();
    expect(fixture.store.flushedOffset).toBe(fixture.store.writtenOffset);
  });

  it.each([
    ['ASYNC_FLUSH', true],
    ['SYNC_FLUSH', false],
  ] as const)('%s: pages that come slowly are fetched ahead: %j', async (flushDiskType, expected) => {
    let elapsed = 0;
    const populate = jest.fn();
    const pageCache = { populate, elapsed: () => (elapsed += 100) };
    const config = { flushDiskType, mappedFileSizeCommitLog: 32 * 1024 * 1024 };
    const fixture = await StoreFixture.open(config, pageCache);
    for (let i = 0; i < 2; i++) fixture.send('a', 0, 'x'.repeat(1024 * 1024));
    expect(populate.mock.calls.length > 0).toBe(expected);
    await fixture.settle();
    await fixture.store.shutdown();
  });

  it('under SYNC_FLUSH shows messages only when they are flushed, one flush for all that wait', async () => {
    const fixture = await StoreFixture.open({ flushDiskType: 'SYNC_FLUSH' });
    fixture.fs.hold();
    const first = fixture.send('a', 0, 'x');
    fixture.send('a', 0, 'y');
    const third = fixture.send('a', 0, 'z');
    expect(fixture.store.getMaxOffset('a', 0)).toBe(0);
    expect(fixture.store.readRecord(first.physicalOffset)).toBeUndefined();
    expect(fixture.arrivals).toEqual([]);
    fixture.fs.release();
    fixture.fs.hold();
    expect(fixture.bodies('a', 0)).toEqual(['x']);
    expect(fixture.progress.at(-1)).toEqual([third.endOffset, first.endOffset]);
    fixture.fs.release();
    await fixture.settle();
    expect(fixture.bodies('a', 0)).toEqual(['x', 'y', 'z']);
    expect(fixture.progress.at(-1)).toEqual([third.endOffset, third.endOffset]);
    expect(fixture.fs.calls.fdatasync).toBe(2);
    expect(fixture.store.readRecord(first.physicalOffset)).toBeDefined();
  });

  it('under SYNC_FLUSH shows at once what a crash left, and flushes it', async () => {
    const fixture = await StoreFixture.open({ flushDiskType: 'SYNC_FLUSH' });
    const { physicalOffset, endOffset } = fixture.send('a', 0, 'x', { KEYS: 'k' });
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['x']);
    expect(fixture.store.readRecord(physicalOffset)).toBeDefined();
    expect(fixture.store.queryByKey('a', 'k', 1, 0, Infinity).records).toHaveLength(1);
    await fixture.settle();
    expect(fixture.store.flushedOffset).toBe(endOffset);
  });

  it('under SYNC_FLUSH has flushed what a crash left before it can be read', async () => {
    const fixture = await StoreFixture.open({ flushDiskType: 'SYNC_FLUSH' });
    fixture.fs.hold();
    for (let i = 0; i < 4; i++) fixture.send('a', 0, `m${i}`);
    const restarted = fixture.restart();
    // Whatever the new store flushes in the background takes longer than the power stays.
    fixture.fs.hold();
    await restarted;
    expect(fixture.bodies('a', 0)).toEqual(['m0', 'm1', 'm2', 'm3']);
    fixture.fs.powerLoss();
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['m0', 'm1', 'm2', 'm3']);
  });

  it('takes a message that arrives while others are told of', async () => {
    const fixture = await StoreFixture.open();
    let again = 3;
    fixture.store.onArrival(() => {
      if (again-- > 0) fixture.append('b', 0, `again ${again}`);
    });
    for (let i = 0; i < 2000; i++) fixture.append('a', i % 4, `m${i}`);
    fixture.store.commit();
    fixture.store.commit();
    expect(fixture.bodies('b', 0)).toHaveLength(3);
    expect(fixture.arrivals).toHaveLength(2003);
  });
});

describe('MessageStore.deleteTopics', () => {
  it('removes the queues; the topic starts again at offset 0', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 60; i++) fixture.send('a', 0, `old ${i}`);
    fixture.send('b', 0, 'other');
    fixture.clock.advance(5000);
    fixture.store.deleteTopics(['a', 'unknown']);
    expect(fixture.fs.list('/store/consumequeue')).toEqual(['b']);
    expect([...fixture.store.queues()]).toEqual([{ topic: 'b', queueId: 0 }]);
    expect(fixture.send('a', 0, 'new').queueOffset).toBe(0);
    expect(fixture.bodies('a', 0)).toEqual(['new']);
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['new']);
    expect(fixture.bodies('b', 0)).toEqual(['other']);
  });
});

describe('MessageStore.readRecord', () => {
  it('gives a record where one starts, and nothing elsewhere', async () => {
    const fixture = await StoreFixture.open();
    const first = fixture.send('a', 0, 'x');
    const second = fixture.send('a', 0, 'yy');
    expect(
      decodeRecords(fixture.store.readRecord(second.physicalOffset) ?? Buffer.alloc(0))[0]?.body.toString(),
    ).toBe('yy');
    expect(fixture.store.readRecord(first.physicalOffset, first.size)).toHaveLength(first.size);
    for (const offset of [-1, 1, 0.5, second.physicalOffset + 1, second.endOffset, 8192, 2 ** 53, NaN]) {
      expect(fixture.store.readRecord(offset)).toBeUndefined();
    }
    expect(fixture.store.readRecord(first.physicalOffset, first.size + 1)).toBeUndefined();
  });

  it('is not led astray by a body that looks like a record', async () => {
    const fixture = await StoreFixture.open();
    const inner = Buffer.alloc(200);
    inner.writeInt32BE(0x7fffffff, 0);
    inner.writeInt32BE(-626843481, 4);
    const { physicalOffset } = fixture.send('a', 0, inner);
    inner.writeBigInt64BE(BigInt(physicalOffset + 88), 28);
    fixture.send('a', 0, inner);
    expect(fixture.store.readRecord(physicalOffset + 88)).toBeUndefined();
  });
});

it('finds the properties that dispatch needs among others', async () => {
  const fixture = await StoreFixture.open();
  fixture.append('a', 0, 'x', {
    KEYS_: 'no',
    XTAGS: 'no',
    UNIQ_KEY: 'u',
    TAGSX: 'no',
    TAGS: 'yes',
    KEYS: 'k1  k2 ',
  });
  const raw = fixture.message('a', 0, 'y');
  const broken = Buffer.from('TAGS\u0002KEYS\u0001\u0002\u0001v\u0002UNIQ_KEY\u0001z', 'latin1');
  fixture.store.append(raw.content(Buffer.from('y'), broken));
  fixture.store.commit();
  expect(fixture.store.queueEntry('a', 0, 0)?.tagsCode).toBe(javaHashCode('yes'));
  expect(fixture.store.queueEntry('a', 0, 1)?.tagsCode).toBe(0);
  const found = (key: string): number => fixture.store.queryByKey('a', key, 10, 0, Infinity).records.length;
  expect(['u', 'k1', 'k2', 'z', '', 'v', 'no'].map(found)).toEqual([1, 1, 1, 1, 0, 0, 0]);
  expect(encodeProperties(new Map())).toHaveLength(0);
});
