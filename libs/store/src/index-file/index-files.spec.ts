import { jest } from '@jest/globals';
import { javaHashCode } from '@nest-rocketmq/protocol';
import { StoreFixture } from '../testing/store-fixture.ts';
import { indexFileName, keyHashOf, timeDifference } from './index-layout.ts';

const found = (
  fixture: StoreFixture,
  key: string,
  maxNum = 64,
  begin = 0,
  end = Number.MAX_SAFE_INTEGER,
): number[] =>
  fixture.store
    .queryByKey('a', key, maxNum, begin, end)
    .records.map((record) => Number(record.readBigInt64BE(20)));

function indexBytes(fixture: StoreFixture): Buffer {
  const [name] = fixture.fs.list('/store/index');
  return fixture.fs.content(`/store/index/${name}`);
}

it('lays out header, slots and entries as RocketMQ does', async () => {
  const fixture = await StoreFixture.open();
  const start = fixture.clock.now();
  const first = fixture.send('a', 0, 'x', { KEYS: 'Aa' });
  fixture.clock.advance(2500);
  const second = fixture.send('a', 0, 'x', { KEYS: 'BB' });
  await fixture.store.shutdown();
  const bytes = indexBytes(fixture);
  expect(bytes).toHaveLength(40 + 1100 * 4 + 300 * 20);
  const numbers = [0, 8, 16, 24].map((at) => Number(bytes.readBigInt64BE(at)));
  expect(numbers).toEqual([start, start + 2500, first.physicalOffset, second.physicalOffset]);
  expect([bytes.readInt32BE(32), bytes.readInt32BE(36)]).toEqual([1, 3]);
  const hash = keyHashOf(javaHashCode('a#Aa'));
  expect(bytes.readInt32BE(40 + (hash % 1100) * 4)).toBe(2);
  const entry = (number: number): number[] => {
    const at = 40 + 4400 + number * 20;
    return [
      bytes.readInt32BE(at),
      Number(bytes.readBigInt64BE(at + 4)),
      bytes.readInt32BE(at + 12),
      bytes.readInt32BE(at + 16),
    ];
  };
  expect(entry(1)).toEqual([hash, first.physicalOffset, 0, 0]);
  expect(entry(2)).toEqual([hash, second.physicalOffset, 2, 1]);
});

it('gives all messages of a key, newest first, also those whose key has the same hash', async () => {
  const fixture = await StoreFixture.open();
  for (const key of ['Aa', 'other', 'BB', 'Aa']) fixture.send('a', 0, 'x', { KEYS: key });
  expect(found(fixture, 'Aa')).toEqual([3, 2, 0]);
  expect(found(fixture, 'other')).toEqual([1]);
  expect(found(fixture, 'Aa', 2)).toEqual([3, 2]);
  expect(fixture.store.queryByKey('b', 'Aa', 64, 0, Infinity).records).toEqual([]);
});

it('gives at most 64 messages', async () => {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 100_000 });
  for (let i = 0; i < 65; i++) fixture.send('a', 0, 'x', { KEYS: 'k' });
  expect(found(fixture, 'k', 1000)).toHaveLength(64);
});

it('keeps to the time asked for', async () => {
  const fixture = await StoreFixture.open();
  const start = fixture.clock.now();
  for (let i = 0; i < 10; i++) {
    fixture.send('a', 0, 'x', { KEYS: 'k' });
    fixture.clock.advance(10_000);
  }
  expect(found(fixture, 'k', 64, start + 30_000, start + 50_000)).toEqual([5, 4, 3]);
  expect(found(fixture, 'k', 64, start + 100_001)).toEqual([]);
  expect(found(fixture, 'k', 64, 0, start - 1)).toEqual([]);
});

it('goes on in a new file when one is full, and finds keys in all of them, before and after restarts', async () => {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 400_000 });
  for (let i = 0; i < 1000; i++) {
    fixture.send('a', 0, 'x', { UNIQ_KEY: `u${i}`, KEYS: `k${i % 10}` });
    fixture.clock.advance(7);
  }
  const check = (): void => {
    expect(fixture.fs.list('/store/index')).toHaveLength(7);
    for (let i = 0; i < 1000; i += 13) expect(found(fixture, `u${i}`)).toEqual([i]);
    expect(found(fixture, 'k3', 30)).toEqual(Array.from({ length: 30 }, (_, i) => 993 - i * 10));
    const { lastUpdateTimestamp } = fixture.store.queryByKey('a', 'k3', 1, 0, Infinity);
    expect(lastUpdateTimestamp).toBe(fixture.store.getStoreTime('a', 0, 999));
  };
  check();
  await fixture.restartCleanly();
  check();
  await fixture.restart();
  check();
  fixture.clock.advance(61_000);
  await fixture.settle();
  fixture.clock.advance(1000);
  await fixture.settle();
  await fixture.restart();
  check();
});

it('finds keys of messages that were stored after the index was last written, when the process is killed', async () => {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 400_000, maxIndexNum: 10_000 });
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 300; i++) fixture.send('a', 0, 'x', { KEYS: `k${round * 300 + i} all` });
    fixture.clock.advance(61_000);
    if (round % 2 === 0) await fixture.settle();
    for (let i = 0; i < 50; i++) fixture.send('a', 1, 'x', { KEYS: 'late' });
    await fixture.restart();
    for (let i = 0; i < (round + 1) * 300; i += 17) expect(found(fixture, `k${i}`)).toEqual([i]);
    expect(found(fixture, 'late')).toHaveLength(Math.min(64, (round + 1) * 50));
  }
});

describe("an index of RocketMQ's, whose checkpoint counts full files only while headers are current", () => {
  /** A store with 400 keys, closed, whose checkpoint says that the index is complete up to `indexMsgTimestamp`. */
  async function written(indexMsgTimestamp: (start: number) => number): Promise<StoreFixture> {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 20_000, maxIndexNum: 10_000 });
    const start = fixture.clock.now();
    for (let i = 0; i < 400; i++) {
      fixture.send('a', 0, 'x', { KEYS: `k${i}` });
      fixture.clock.advance(100);
    }
    await fixture.store.shutdown();
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(indexMsgTimestamp(start)));
    const checkpoint = fixture.fs.open('/store/checkpoint', 'r+');
    fixture.fs.write(checkpoint, bytes, 0, 8, 16);
    fixture.fs.close(checkpoint);
    return fixture;
  }

  function checkKeys(fixture: StoreFixture): void {
    for (let i = 0; i < 400; i += 7) expect(found(fixture, `k${i}`)).toEqual([i]);
  }

  it.each([
    ['nothing', () => 0],
    ['half of the newest file', (start: number) => start + 20_000],
  ])('loses no key to a crash when the checkpoint covers %s', async (_, indexMsgTimestamp) => {
    const fixture = await written(indexMsgTimestamp);
    fixture.fs.close(fixture.fs.open('/store/abort', 'w+'));
    const { clean } = await fixture.restart();
    expect(clean).toBe(false);
    checkKeys(fixture);
  });

  it('is covered by the checkpoint from the first moment after a clean stop', async () => {
    const fixture = await written(() => 0);
    await fixture.restart();
    const end = indexBytes(fixture).readBigInt64BE(8);
    expect(fixture.fs.content('/store/checkpoint').readBigInt64BE(16)).toBe(end);
    const { startOffset } = await fixture.restart();
    expect(startOffset).toBeGreaterThan(0);
    checkKeys(fixture);
  });
});

it('moves the checkpoint before a header, so that a crash between them removes no file', async () => {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 400_000 });
  for (let i = 0; i < 100; i++) fixture.send('a', 0, 'x', { KEYS: `k${i}` });
  const ends: [checkpoint: bigint, header: bigint][] = [];
  const write = fixture.fs.write.bind(fixture.fs);
  jest.spyOn(fixture.fs, 'write').mockImplementation((...call) => {
    const length = write(...call);
    ends.push([
      fixture.fs.content('/store/checkpoint').readBigInt64BE(16),
      indexBytes(fixture).readBigInt64BE(8),
    ]);
    return length;
  });
  fixture.clock.advance(61_000);
  await fixture.settle();
  await fixture.settle();
  expect(ends.at(-1)?.[1]).toBeGreaterThan(0n);
  for (const [checkpoint, header] of ends) expect(checkpoint).toBeGreaterThanOrEqual(header);
});

it('keeps its keys when slots reached the disk before a power loss, and the entries they lead to did not', async () => {
  const shape = { maxHashSlotNum: 5, mappedFileSizeCommitLog: 400_000 };
  const fixture = await StoreFixture.open(shape);
  for (let i = 0; i < 100; i++) fixture.send('a', 0, 'x', { KEYS: `k${i}` });
  fixture.clock.advance(61_000);
  await fixture.settle();
  for (let i = 100; i < 150; i++) fixture.send('a', 0, 'x', { KEYS: `k${i}` });
  fixture.fs.hold();
  fixture.clock.advance(61_000);
  const slotsEnd = 40 + shape.maxHashSlotNum * 4;
  fixture.fs.powerLoss(({ path, position, length }) =>
    path.includes('/index/') && position >= slotsEnd ? 0 : length,
  );
  await fixture.restart();
  for (let i = 0; i < 150; i++) expect(found(fixture, `k${i}`)).toEqual([i]);
});

it('finds keys of messages that took the place of ones lost in a power failure after they were indexed', async () => {
  const fixture = await StoreFixture.open({ flushIntervalCommitLog: 1_000_000 });
  fixture.send('a', 0, 'x', { KEYS: 'k0' });
  fixture.store.requestFlush();
  await fixture.settle();
  for (let i = 1; i < 20; i++) fixture.send('a', 0, 'x', { KEYS: `lost${i}` });
  fixture.clock.advance(61_000);
  await fixture.settle();
  await fixture.settle();
  fixture.fs.powerLoss();
  await fixture.restart();
  expect(fixture.bodies('a', 0)).toEqual(['x']);
  for (let i = 1; i < 9; i++) fixture.send('a', 0, 'y', { KEYS: `k${i}` });
  for (let i = 0; i < 9; i++) expect(found(fixture, `k${i}`)).toEqual([i]);
  await fixture.restart();
  for (let i = 0; i < 9; i++) expect(found(fixture, `k${i}`)).toEqual([i]);
});

it('is off when messageIndexEnable is', async () => {
  const fixture = await StoreFixture.open({ messageIndexEnable: false });
  fixture.send('a', 0, 'x', { KEYS: 'k' });
  expect(found(fixture, 'k')).toEqual([]);
  await fixture.restart();
  expect(fixture.fs.list('/store/index')).toEqual([]);
  expect(fixture.bodies('a', 0)).toEqual(['x']);
});

it('has the arithmetic of Java', () => {
  expect(keyHashOf(-2147483648)).toBe(0);
  expect(keyHashOf(-5)).toBe(5);
  expect(timeDifference(5999, 1000)).toBe(4);
  expect(timeDifference(5000, 0)).toBe(0);
  expect(timeDifference(1000, 5000)).toBe(0);
  expect(timeDifference(1e16, 1)).toBe(2147483647);
  expect(indexFileName(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('20260102030405006');
});
