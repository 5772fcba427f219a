import { jest } from '@jest/globals';
import { decodeRecords } from '@nest-rocketmq/protocol';
import { StoreFixture } from '../testing/store-fixture.ts';

const KiB = 1024;

/** A store whose queues lie side by side in the log. */
async function interleaved(messages: number, bodyBytes: number, segment = 4096 * KiB): Promise<StoreFixture> {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: segment });
  append(fixture, messages, bodyBytes);
  return fixture;
}

function append(fixture: StoreFixture, messages: number, bodyBytes: number): void {
  for (let i = 0; i < messages; i++) {
    for (const queueId of [0, 1, 2, 3]) fixture.append('a', queueId, `${queueId}`.repeat(bodyBytes));
  }
  fixture.store.commit();
}

/** Reads of the log alone: a queue's file is not read in pieces as large. */
function logReads(fixture: StoreFixture): () => number {
  const read = jest.spyOn(fixture.fs, 'read');
  const log = (): number => read.mock.calls.filter(([, , , length]) => (length ?? 0) > 10 * KiB).length;
  return log;
}

describe('pulls of interleaved queues', () => {
  it('share one read of the log', async () => {
    const fixture = await interleaved(10, 1000);
    const reads = logReads(fixture);
    for (const queueId of [0, 1, 2, 3]) {
      expect(fixture.bodies('a', queueId)).toEqual(
        Array.from({ length: 10 }, () => `${queueId}`.repeat(1000)),
      );
    }
    expect(reads()).toBe(1);
  });

  it('see what was written after the block was read, reading only that', async () => {
    const fixture = await interleaved(10, 1000);
    fixture.bodies('a', 0);
    const reads = logReads(fixture);
    append(fixture, 10, 1000);
    for (const queueId of [0, 1, 2, 3]) expect(fixture.bodies('a', queueId)).toHaveLength(20);
    expect(reads()).toBe(1);
  });

  it.each([
    ['blocks', 3, 100 * KiB, 4096 * KiB],
    ['files', 60, 10 * KiB, 300 * KiB],
  ])('go over the ends of %s', async (_, messages, bodyBytes, segment) => {
    const fixture = await interleaved(messages, bodyBytes, segment);
    for (const queueId of [3, 1, 2, 0]) {
      const { store } = fixture;
      let offset = 0;
      while (offset < messages) {
        const selection = store.select({ topic: 'a', queueId, offset, maxNums: 32 });
        expect(selection.status).toBe('FOUND');
        const target = Buffer.alloc(selection.bytes);
        expect(store.read(selection, target, 0)).toBe(true);
        for (const record of decodeRecords(target)) {
          expect([record.queueId, record.queueOffset]).toEqual([queueId, offset++]);
          expect(record.body.every((byte) => byte === 48 + queueId)).toBe(true);
        }
      }
    }
  });

  it('get nothing of a file that was removed', async () => {
    const fixture = await interleaved(60, 10 * KiB, 300 * KiB);
    const query = { topic: 'a', queueId: 0, offset: 0, maxNums: 3 };
    const selection = fixture.store.select(query);
    const target = Buffer.alloc(selection.bytes);
    expect(fixture.store.read(selection, target, 0)).toBe(true);
    const stale = fixture.store.select(query);
    // Only what is flushed may go.
    fixture.clock.advance(2000);
    await fixture.settle();
    fixture.fs.disk = { total: 1e9, free: 1e8, available: 1e8 };
    fixture.clock.advance(120_000);
    await fixture.settle();
    expect(fixture.store.minPhysicalOffset).toBeGreaterThan(0);
    expect(fixture.store.read(stale, target, 0)).toBe(false);
  });
});
