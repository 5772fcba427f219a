import { StoreFixture } from '../testing/store-fixture.ts';

const FILE = '/store/consumequeue/a/0/00000000000000000000';

describe('consume queues', () => {
  it('have entries of 20 bytes in pre-sized files', async () => {
    const fixture = await StoreFixture.open();
    const results = Array.from({ length: 25 }, (_, i) => fixture.send('a', 0, `m${i}`, { TAGS: 'Aa' }));
    await fixture.store.shutdown();
    expect(fixture.fs.list('/store/consumequeue/a/0').toSorted()).toEqual([
      '00000000000000000000',
      '00000000000000000400',
    ]);
    const bytes = Buffer.concat([
      fixture.fs.content(FILE),
      fixture.fs.content('/store/consumequeue/a/0/00000000000000000400'),
    ]);
    expect(bytes).toHaveLength(800);
    results.forEach((result, i) => {
      expect(Number(bytes.readBigInt64BE(i * 20))).toBe(result.physicalOffset);
      expect(bytes.readInt32BE(i * 20 + 8)).toBe(result.size);
      expect(Number(bytes.readBigInt64BE(i * 20 + 12))).toBe(2112);
    });
    expect(bytes.subarray(500).every((byte) => byte === 0)).toBe(true);
  });

  it('are written within a second or two, without being asked', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'x');
    expect(fixture.fs.status(FILE)).toBeUndefined();
    fixture.clock.advance(2000);
    expect(fixture.fs.content(FILE).readInt32BE(8)).toBeGreaterThan(0);
  });

  it('are written at the commit when they have gathered 200 entries', async () => {
    const fixture = await StoreFixture.open({
      mappedFileSizeCommitLog: 100_000,
      mappedFileSizeConsumeQueue: 6000,
    });
    for (let i = 0; i < 200; i++) fixture.append('a', 0, 'x');
    expect(fixture.fs.status(FILE)).toBeUndefined();
    fixture.store.commit();
    expect(fixture.fs.content(FILE).readInt32BE(199 * 20 + 8)).toBeGreaterThan(0);
  });

  it('read the same from memory and from files, whatever is in which', async () => {
    const fixture = await StoreFixture.open({
      mappedFileSizeCommitLog: 400_000,
      mappedFileSizeConsumeQueue: 1000,
    });
    const check = (count: number): void => {
      for (let i = 0; i < count; i += 3) expect(fixture.pull('a', 0, i)[0]?.queueOffset).toBe(i);
    };
    for (let round = 1; round <= 8; round++) {
      for (let i = 0; i < 97; i++) fixture.send('a', 0, `m${i}`);
      if (round % 2 === 0) fixture.clock.advance(2000);
      check(round * 97);
    }
    expect(fixture.bodies('a', 0)).toHaveLength(8 * 97);
  });

  it('may be far more than there are descriptors, and keep few files open', async () => {
    const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: 4_000_000 });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 1500; i++) fixture.append(`t${i % 500}`, i % 3, `m${round}`);
      fixture.store.commit();
      fixture.clock.advance(5000);
    }
    expect(fixture.fs.openCount).toBeLessThan(300);
    for (let i = 0; i < 1500; i++) expect(fixture.bodies(`t${i % 500}`, i % 3)).toEqual(['m0', 'm1', 'm2']);
    expect(fixture.fs.openCount).toBeLessThan(300);
    await fixture.restartCleanly();
    for (let i = 0; i < 1500; i += 7) expect(fixture.bodies(`t${i % 500}`, i % 3)).toHaveLength(3);
  });

  it('that begin in the middle of a file are filled as RocketMQ does', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 90; i++) {
      fixture.send('a', 0, 'x'.repeat(500));
      fixture.clock.advance(50);
      await fixture.settle();
    }
    fixture.clock.advance(2000);
    await fixture.settle();
    await fixture.store.shutdown();
    // As after the oldest file was deleted by age, and the queue lost by accident.
    fixture.fs.remove('/store/commitlog/00000000000000000000');
    fixture.fs.removeTree('/store/consumequeue');
    await fixture.restart();
    const min = fixture.store.getMinOffset('a', 0);
    expect(min).toBe(13);
    expect(fixture.store.getMaxOffset('a', 0)).toBe(90);
    const bytes = fixture.fs.content(FILE);
    expect([Number(bytes.readBigInt64BE(12 * 20)), bytes.readInt32BE(12 * 20 + 8)]).toEqual([0, 0x7fffffff]);
    expect(fixture.bodies('a', 0)).toHaveLength(77);
    await fixture.restartCleanly();
    expect(fixture.store.getMinOffset('a', 0)).toBe(13);
    expect(fixture.bodies('a', 0)).toHaveLength(77);
  });
});
