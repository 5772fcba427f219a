import { jest } from '@jest/globals';
import { decodeProperties, decodeRecords, javaHashCode } from '@nest-rocketmq/protocol';
import { MessageStore } from '../message-store.ts';
import { StoreFixture } from '../testing/store-fixture.ts';
import type { PropertiesView } from './record-properties.ts';
import { type PullQuery, Selection } from './selection.ts';

async function filled(count: number, body = 'm'): Promise<StoreFixture> {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
  for (let i = 0; i < count; i++) fixture.append('a', 0, body);
  fixture.store.commit();
  return fixture;
}

describe('MessageReader.select', () => {
  const query = (offset: number, more: Partial<PullQuery> = {}): PullQuery => ({
    topic: 'a',
    queueId: 0,
    offset,
    maxNums: 32,
    ...more,
  });

  it('says what is wrong with an offset, and where to go on', async () => {
    const fixture = await filled(10);
    const pull = (offset: number, more: Partial<PullQuery> = {}): unknown => {
      const { status, nextBeginOffset, minOffset, maxOffset } = fixture.store.select(query(offset, more));
      return [status, nextBeginOffset, minOffset, maxOffset];
    };
    expect(pull(5, { topic: 'unknown' })).toEqual(['NO_MATCHED_LOGIC_QUEUE', 0, 0, 0]);
    expect(pull(5, { queueId: 7 })).toEqual(['NO_MATCHED_LOGIC_QUEUE', 0, 0, 0]);
    expect(pull(-1)).toEqual(['OFFSET_TOO_SMALL', 0, 0, 10]);
    expect(pull(9)).toEqual(['FOUND', 10, 0, 10]);
    expect(pull(10)).toEqual(['OFFSET_OVERFLOW_ONE', 10, 0, 10]);
    expect(pull(11)).toEqual(['OFFSET_OVERFLOW_BADLY', 10, 0, 10]);
    fixture.append('a', 1, 'not committed');
    expect(pull(0, { queueId: 1 })).toEqual(['NO_MESSAGE_IN_QUEUE', 0, 0, 0]);
  });

  it('takes no more than asked for, and 32 messages at most', async () => {
    const fixture = await filled(100);
    const count = (maxNums: number, offset = 0): number =>
      fixture.store.select(query(offset, { maxNums })).count;
    expect([count(1), count(31), count(32), count(33), count(1000), count(1000, 90)]).toEqual([
      1, 31, 32, 32, 32, 10,
    ]);
    expect(fixture.store.select(query(0, { maxNums: 1000 })).nextBeginOffset).toBe(32);
  });

  it('stops at 256 KiB, or at what the client takes, but always gives one message', async () => {
    const fixture = await filled(10, 'x'.repeat(100 * 1024));
    expect(fixture.store.select(query(0)).count).toBe(2);
    expect(fixture.store.select(query(0, { maxBytes: 150 * 1024 })).count).toBe(1);
    expect(fixture.store.select(query(3, { maxBytes: 10 }))).toMatchObject({ count: 1, nextBeginOffset: 4 });
  });

  it('takes 8 messages and 64 KiB of what is not in memory', async () => {
    const fixture = await filled(50, 'x'.repeat(1000));
    const store = new MessageStore(fixture.config, {
      fileSystem: fixture.fs,
      clock: fixture.clock,
      memoryBytes: 20_000,
    });
    await fixture.store.shutdown();
    await store.load();
    expect(store.select(query(0))).toMatchObject({ count: 8, farBehind: true });
    expect(store.select(query(45))).toMatchObject({ count: 5, farBehind: false });
    expect([store.isInMemory('a', 0, 0), store.isInMemory('a', 0, 49), store.isInMemory('a', 0, 50)]).toEqual(
      [false, true, false],
    );
    await store.shutdown();
  });

  it('filters by tags code, looking through 800 entries at most', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 2000; i++)
      fixture.append('a', 0, `m${i}`, { TAGS: i % 500 === 499 ? 'rare' : 'common' });
    fixture.store.commit();
    const rare = javaHashCode('rare');
    const matches = (tagsCode: number): boolean => tagsCode === rare;
    const first = fixture.store.select(query(0, { matches }));
    expect(first).toMatchObject({ status: 'FOUND', count: 1, nextBeginOffset: 800 });
    const target = Buffer.alloc(first.bytes);
    expect(fixture.store.read(first, target, 0)).toBe(true);
    expect(decodeRecords(target)[0]?.queueOffset).toBe(499);
    expect(fixture.store.select(query(0, { matches: () => false }))).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 800,
    });
    expect(fixture.store.select(query(1990, { matches: () => false }))).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 2000,
    });
  });
});

describe('MessageReader.read', () => {
  it('reads neighbours with one call, and interleaved queues too', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 64; i++) fixture.append('a', i % 2, `message ${i}`);
    for (let i = 0; i < 40; i++) fixture.append('b', 0, `b ${i}`);
    fixture.store.commit();
    const read = jest.spyOn(fixture.fs, 'read');
    for (const [topic, queueId] of [
      ['b', 0],
      ['a', 1],
    ] as const) {
      read.mockClear();
      const selection = fixture.store.select({ topic, queueId, offset: 0, maxNums: 32 });
      const target = Buffer.alloc(selection.bytes + 10);
      expect(fixture.store.read(selection, target, 10)).toBe(true);
      expect(read).toHaveBeenCalledTimes(1);
      expect(decodeRecords(target.subarray(10)).map((record) => record.queueOffset)).toEqual(
        Array.from({ length: 32 }, (_, i) => i),
      );
    }
  });

  it('does not read far more than is wanted', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 5; i++) {
      fixture.append('a', 0, 'small');
      fixture.append('b', 0, 'x'.repeat(100_000));
    }
    fixture.store.commit();
    const read = jest.spyOn(fixture.fs, 'read');
    expect(fixture.bodies('a', 0)).toHaveLength(5);
    expect(read).toHaveBeenCalledTimes(5);
  });

  it('passes over a record that is not what its entry says', async () => {
    const fixture = await filled(5);
    const log = fixture.fs.content('/store/commitlog/00000000000000000000');
    const victim = fixture.pull('a', 0)[2]?.physicalOffset ?? 0;
    log.writeInt32BE(3, victim + 12);
    const selection = fixture.store.select({ topic: 'a', queueId: 0, offset: 1, maxNums: 32 });
    expect(fixture.store.read(selection, Buffer.alloc(1000), 0)).toBe(false);
    expect(selection).toMatchObject({
      status: 'MESSAGE_WAS_REMOVING',
      nextBeginOffset: 1,
      count: 0,
      bytes: 0,
    });
    expect(fixture.pull('a', 0).map((record) => record.queueOffset)).toEqual([0, 1, 3, 4]);
  });

  it('fills the selection it is given', async () => {
    const fixture = await filled(3);
    const mine = new Selection();
    expect(fixture.store.select({ topic: 'a', queueId: 0, offset: 1, maxNums: 32 }, mine)).toBe(mine);
    expect(mine.offsets.slice(0, mine.count)).toEqual([1, 2]);
  });
});

describe('times', () => {
  it('finds offsets by time, at both bounds', async () => {
    const fixture = await StoreFixture.open();
    const start = fixture.clock.now();
    for (const wait of [0, 100, 0, 0, 100, 100]) {
      fixture.clock.advance(wait);
      fixture.send('a', 0, 'x');
    }
    // Stored at +0, +100, +100, +100, +200, +300.
    const lower = (after: number): number => fixture.store.getOffsetByTime('a', 0, start + after);
    const upper = (after: number): number => fixture.store.getOffsetByTime('a', 0, start + after, 'UPPER');
    expect([-5, 0, 50, 100, 101, 200, 300, 301].map(lower)).toEqual([0, 0, 1, 1, 4, 4, 5, 6]);
    expect([-5, 0, 50, 100, 101, 200, 300, 301].map(upper)).toEqual([0, 0, 0, 3, 3, 4, 5, 5]);
    expect(fixture.store.getOffsetByTime('unknown', 0, start)).toBe(0);
    expect(fixture.store.getStoreTime('a', 0, 4)).toBe(start + 200);
    expect(fixture.store.getStoreTime('a', 0, 6)).toBe(-1);
    expect(fixture.store.getEarliestStoreTime('a', 0)).toBe(start);
    expect(fixture.store.getEarliestStoreTime('a', 1)).toBe(-1);
  });
});

describe('choosing by properties', () => {
  const colour = ({ bytes, start, end }: PropertiesView): string | undefined =>
    decodeProperties(bytes.subarray(start, end)).get('colour');
  const blue = (view: PropertiesView): boolean => colour(view) === 'blue';
  const query = { topic: 'a', queueId: 0, offset: 0, maxNums: 32, matchesProperties: blue };

  it.each([
    ['small', 'm', {}],
    ['with large bodies', 'x'.repeat(100_000), {}],
    ['with large properties', 'm', { long: 'y'.repeat(20_000) }],
  ])('takes the records that match: %s', async (_, body, more) => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 8; i++)
      fixture.append('a', 0, `${i}${body}`, { ...more, colour: i % 4 === 1 ? 'blue' : 'red' });
    fixture.store.commit();
    const selection = fixture.store.select(query);
    expect(selection).toMatchObject({ status: 'FOUND', count: 2, nextBeginOffset: 8 });
    const target = Buffer.alloc(selection.bytes);
    expect(fixture.store.read(selection, target, 0)).toBe(true);
    expect(decodeRecords(target).map((record) => record.queueOffset)).toEqual([1, 5]);
  });

  it('reads no body of a record that does not match', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 10; i++) fixture.append('a', 0, 'x'.repeat(300_000), { colour: 'red' });
    fixture.store.commit();
    const read = jest.spyOn(fixture.fs, 'read');
    expect(fixture.store.select(query)).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 10 });
    const bytes = read.mock.results.reduce((sum, result) => sum + (result.value as number), 0);
    expect(bytes).toBeLessThan(10 * 1024);
  });

  it('looks at the properties of what the tags code lets through alone', async () => {
    const fixture = await filled(10);
    const seen: number[] = [];
    const selection = fixture.store.select({
      ...query,
      matches: () => false,
      matchesProperties: () => seen.push(1) > 0,
    });
    expect([selection.status, seen]).toEqual(['NO_MATCHED_MESSAGE', []]);
  });

  it('passes over a record that is not what its entry says, or whose lengths are wrong', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    for (let i = 0; i < 4; i++) fixture.append('a', 0, 'x'.repeat(1000), { colour: 'blue' });
    fixture.store.commit();
    const log = fixture.fs.content('/store/commitlog/00000000000000000000');
    const places = fixture.pull('a', 0).map((record) => record.physicalOffset);
    log.writeInt32BE(7, (places[0] ?? 0) + 12);
    log.writeInt32BE(0x7fffffff, (places[1] ?? 0) + 84);
    log.writeInt32BE(-5, (places[2] ?? 0) + 84);
    expect(fixture.store.select(query)).toMatchObject({ status: 'FOUND', count: 1, offsets: [3] });
    expect(fixture.store.properties('a', 0, 1)).toBeUndefined();
  });

  it('looks for 10 ms at most, and says where to go on', async () => {
    const fixture = await filled(100);
    const slowly = (wanted: boolean) => (): boolean => {
      fixture.clock.advance(1);
      return wanted;
    };
    expect(fixture.store.select({ ...query, matchesProperties: slowly(false) })).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 10,
    });
    const some = { ...query, offset: 10, matchesProperties: slowly(true) };
    expect(fixture.store.select(some)).toMatchObject({ status: 'FOUND', count: 10, nextBeginOffset: 20 });
  });

  it('shows the properties of one message', async () => {
    const fixture = await StoreFixture.open();
    fixture.append('a', 0, 'x', { colour: 'green' });
    expect(fixture.store.properties('a', 0, 0)).toBeUndefined();
    fixture.store.commit();
    const view = fixture.store.properties('a', 0, 0);
    expect(view && colour(view)).toBe('green');
    expect([fixture.store.properties('a', 0, 1), fixture.store.properties('b', 0, 0)]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
