import { jest } from '@jest/globals';
import { decodeRecords } from '@nest-rocketmq/protocol';
import { StoreFixture } from '../testing/store-fixture.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { RecentPulls } from './recent-pulls.ts';
import { type PullQuery, Selection } from './selection.ts';

const KiB = 1024;
const WANTED = 8;

/** Queues that lie side by side in the log, with their entries out of memory. */
async function stored(messages: number, segment = 4096 * KiB): Promise<StoreFixture> {
  const fixture = await StoreFixture.open({ mappedFileSizeCommitLog: segment });
  for (let i = 0; i < messages; i++)
    for (const queueId of [0, 1]) fixture.append('a', queueId, `${queueId}-${i}`);
  fixture.store.commit();
  await fixture.restartCleanly();
  return fixture;
}

/** What one pull gives; undefined when its records can't be read. */
function pull(fixture: StoreFixture, query: Partial<PullQuery> = {}): string[] | undefined {
  const { store } = fixture;
  const selection = store.select({ topic: 'a', queueId: 0, offset: 0, maxNums: WANTED, ...query });
  const lent = store.lend(selection);
  const target = Buffer.alloc(selection.bytes + 3);
  if (lent) lent.bytes.copy(target, 3);
  else if (!store.read(selection, target, 3)) return undefined;
  lent?.give();
  expect(selection.nextBeginOffset - (query.offset ?? 0)).toBeGreaterThanOrEqual(selection.count);
  return decodeRecords(target.subarray(3)).map((record) => {
    expect(record.queueOffset).toBeGreaterThanOrEqual(query.offset ?? 0);
    return record.body.toString();
  });
}

const bodies = (queueId: number, first: number, count = WANTED): string[] =>
  Array.from({ length: count }, (_, i) => `${queueId}-${first + i}`);

describe('groups that read a queue behind each other', () => {
  it('share what the first of them has read', async () => {
    const fixture = await stored(3 * WANTED);
    const expected = bodies(0, 0);
    // The second shows that there are followers, and the third finds what it has kept.
    for (let i = 0; i < 2; i++) expect(pull(fixture)).toEqual(expected);
    const read = jest.spyOn(fixture.fs, 'read');
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(expected);
    expect(read).not.toHaveBeenCalled();
    expect(pull(fixture, { queueId: 1, offset: WANTED })).toEqual(bodies(1, WANTED));
    expect(pull(fixture, { offset: WANTED })).toEqual(bodies(0, WANTED));
    read.mockClear();
    expect(pull(fixture, { queueId: 1, offset: WANTED })).toEqual(bodies(1, WANTED));
    expect(pull(fixture, { offset: WANTED })).toEqual(bodies(0, WANTED));
    expect(read).not.toHaveBeenCalled();
  });

  it('get what each asked for: its number, its bytes, its filter', async () => {
    const fixture = await stored(2 * WANTED);
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(bodies(0, 0));
    expect(pull(fixture, { maxNums: 3 })).toEqual(bodies(0, 0, 3));
    expect(pull(fixture, { maxNums: 12 })).toEqual(bodies(0, 0, 12));
    expect(pull(fixture, { maxBytes: 300 })?.length).toBeLessThan(WANTED);
    let all = 0;
    expect(pull(fixture, { matches: () => all++ % 2 === 1, maxNums: 4 })).toEqual([
      '0-1',
      '0-3',
      '0-5',
      '0-7',
    ]);
    expect(pull(fixture)).toEqual(bodies(0, 0));
  });

  it('see at the end of the queue what came since', async () => {
    const fixture = await stored(WANTED - 2);
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(bodies(0, 0, WANTED - 2));
    fixture.send('a', 0, 'new');
    expect(pull(fixture)).toEqual([...bodies(0, 0, WANTED - 2), 'new']);
  });

  it('get nothing of a topic that was deleted', async () => {
    const fixture = await stored(WANTED);
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(bodies(0, 0));
    fixture.store.deleteTopics(['a']);
    for (let i = 0; i < WANTED; i++) fixture.send('a', 0, `again-${i}`);
    expect(pull(fixture)).toEqual(Array.from({ length: WANTED }, (_, i) => `again-${i}`));
  });

  it('get nothing of a file that was removed', async () => {
    const fixture = await stored(200, 8 * KiB);
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(bodies(0, 0));
    const query = { topic: 'a', queueId: 0, offset: 0, maxNums: WANTED };
    const stale = fixture.store.select(query);
    fixture.clock.advance(2000);
    await fixture.settle();
    fixture.fs.disk = { total: 1e9, free: 1e8, available: 1e8 };
    fixture.clock.advance(120_000);
    await fixture.settle();
    expect(fixture.store.minPhysicalOffset).toBeGreaterThan(0);
    expect(fixture.store.read(stale, Buffer.alloc(stale.bytes), 0)).toBe(false);
    expect(fixture.store.select(query).status).toBe('OFFSET_TOO_SMALL');
  });

  it('pass over a record that turns out to be damaged', async () => {
    const fixture = await stored(2 * WANTED);
    for (let i = 0; i < 3; i++) expect(pull(fixture)).toEqual(bodies(0, 0));
    const { physicalOffset } = fixture.store.queueEntry('a', 0, 2) ?? { physicalOffset: -1 };
    fixture.fs.content('/store/commitlog/00000000000000000000')[physicalOffset + 4] = 0;
    // Somebody else comes upon it first.
    expect(fixture.store.properties('a', 0, 2)).toBeUndefined();
    expect(pull(fixture)).toEqual(bodies(0, 0, WANTED + 1).filter((body) => body !== '0-2'));
  });

  it('may be a few pulls apart, each with records of its own', async () => {
    const fixture = await stored(30 * WANTED);
    for (let round = 0; round < 3; round++) {
      for (let first = 0; first < 30 * WANTED; first += WANTED) {
        for (const queueId of [0, 1])
          expect(pull(fixture, { queueId, offset: first })).toEqual(bodies(queueId, first));
      }
    }
  });
});

describe('RecentPulls', () => {
  it('keeps records once a pull was asked for again, and not for a reader by itself', () => {
    const recent = new RecentPulls();
    // Which queue it is, is all that it asks of it.
    const queue = Object.create(null) as ConsumeQueue;
    const query = { topic: 'a', queueId: 0, offset: 0, maxNums: 2 };
    const selection = new Selection();
    for (const [i, position] of [0, 300].entries()) selection.add(position, 100, i);
    selection.nextBeginOffset = 2;
    const records = Buffer.alloc(200, 'r');
    recent.selected(queue, query, selection);
    recent.keep(selection, records, 0);
    expect(recent.lend(selection, 0)).toBeUndefined();
    expect(recent.select(queue, query, 0, new Selection())).toBe(true);
    recent.keep(selection, records, 0);
    expect(recent.lend(selection, 0)?.bytes).toEqual(records);
    expect(recent.lend(selection, 1)).toBeUndefined();
  });

  it('changes nothing in records that somebody has', () => {
    const recent = new RecentPulls();
    const queue = Object.create(null) as ConsumeQueue;
    /** Pulls that share a place. */
    const pulls = [0, 1, 2, 3].map((i) => {
      const offset = i * 32 * 32;
      const selection = new Selection();
      selection.queueId = 0;
      for (let j = 0; j < 2; j++) selection.add(offset * 100 + j * 100, 100, offset + j);
      selection.nextBeginOffset = offset + 2;
      return { query: { topic: 'a', queueId: 0, offset, maxNums: 2 }, selection };
    });
    const keep = (i: number, text: string) => {
      const { query, selection } = pulls[i] as (typeof pulls)[number];
      recent.selected(queue, query, selection);
      recent.select(queue, query, 0, new Selection());
      recent.keep(selection, Buffer.alloc(200, text), 0);
      return recent.lend(selection, 0);
    };
    const first = keep(0, 'a');
    const second = keep(1, 'b');
    expect([first?.bytes.toString(), second?.bytes.toString()]).toEqual(['a'.repeat(200), 'b'.repeat(200)]);
    first?.give();
    second?.give();
    expect([first?.free, second?.free]).toEqual([true, true]);
    // Given back, what was in the way of others has room again.
    const third = keep(2, 'c');
    expect(third).toBe(second);
    const fourth = keep(3, 'd');
    expect(fourth).toBe(first);
    expect([third?.bytes.toString(), fourth?.bytes.toString()]).toEqual(['c'.repeat(200), 'd'.repeat(200)]);
  });
});
