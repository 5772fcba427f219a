import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { StoreFixture } from '../testing/store-fixture.ts';

const MIB = 1024 * 1024;

describe('zeros behind the records', () => {
  let fixture: StoreFixture;

  afterEach(() => fixture.store.shutdown());

  /** From now on: where zeros are written, and how many. */
  function watchZeros(): () => { at: number; length: number }[] {
    const write = jest.spyOn(fixture.fs, 'write');
    return () =>
      write.mock.calls
        .map(([, source, start, length, at]) => ({
          at,
          length,
          bytes: source.subarray(start, start + length),
        }))
        .filter(({ bytes }) => bytes.length > 0 && bytes.every((byte) => byte === 0))
        .map(({ at, length }) => ({ at, length }));
  }

  it('are written under SYNC_FLUSH a MiB at a time, and none beyond the file', async () => {
    fixture = await StoreFixture.open({
      flushDiskType: 'SYNC_FLUSH',
      mappedFileSizeCommitLog: 2 * MIB,
      messageIndexEnable: false,
    });
    const zeros = watchZeros();
    const ends: number[] = [];
    while ((ends.at(-1) ?? 0) < 1.9 * MIB)
      ends.push(fixture.send('a', 0, Buffer.alloc(100_000, 1)).endOffset);
    const first = ends[0] ?? 0;
    const second = ends.find((end) => end > first + MIB) ?? 0;
    expect(zeros()).toEqual([
      { at: first, length: MIB },
      { at: second, length: 2 * MIB - second },
    ]);
  });

  it('are not written under ASYNC_FLUSH', async () => {
    fixture = await StoreFixture.open({ flushDiskType: 'ASYNC_FLUSH', messageIndexEnable: false });
    const zeros = watchZeros();
    fixture.send('a', 0, 'one');
    expect(zeros()).toEqual([]);
  });

  it('are never written over records, in this file or the next', async () => {
    fixture = await StoreFixture.open({ flushDiskType: 'SYNC_FLUSH' });
    const bodies = Array.from({ length: 120 }, (_, i) => `${i} `.repeat(1 + ((i * 37) % 90)));
    for (const body of bodies) fixture.send('a', 0, body);
    await fixture.settle();
    expect(fixture.bodies('a', 0)).toEqual(bodies);
    await fixture.restart();
    fixture.send('a', 0, 'after');
    await fixture.settle();
    expect(fixture.bodies('a', 0)).toEqual([...bodies, 'after']);
  });

  it('stop nothing when they can not be written', async () => {
    fixture = await StoreFixture.open({ flushDiskType: 'SYNC_FLUSH' });
    fixture.fs.fail('write', { after: 1, code: 'ENOSPC', path: 'commitlog' });
    fixture.send('a', 0, 'one');
    fixture.fs.heal();
    fixture.send('a', 0, 'two');
    await fixture.settle();
    expect(fixture.fatal).toEqual([]);
    expect(fixture.bodies('a', 0)).toEqual(['one', 'two']);
  });
});
