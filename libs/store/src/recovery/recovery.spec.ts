import { RocketMQError } from '@nest-rocketmq/runtime';
import fc from 'fast-check';
import { SMALL_FILES, StoreFixture } from '../testing/store-fixture.ts';

const LOG = '/store/commitlog/00000000000000000000';
const QUEUE = '/store/consumequeue/a/0/00000000000000000000';

describe('recovery after a clean stop', () => {
  it('goes on where the store ended, reading next to nothing of the log', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 100; i++) fixture.send('a', i % 3, `m${i}`, { KEYS: `k${i}` });
    const end = fixture.store.writtenOffset;
    const report = await fixture.restartCleanly();
    expect(report).toMatchObject({ clean: true, endOffset: end, records: 1 });
    expect(fixture.bodies('a', 2)).toEqual(Array.from({ length: 33 }, (_, i) => `m${i * 3 + 2}`));
    expect(fixture.send('a', 0, 'next')).toMatchObject({ physicalOffset: end, queueOffset: 34 });
    expect(fixture.store.queryByKey('a', 'k7', 10, 0, Infinity).records).toHaveLength(1);
  });

  it('leaves no abort file, and has one while it runs', async () => {
    const fixture = await StoreFixture.open();
    expect(fixture.fs.content('/store/abort').toString()).toBe(String(process.pid));
    expect(fixture.fs.content('/store/lock').toString()).toBe('lock');
    await fixture.store.shutdown();
    expect(fixture.fs.status('/store/abort')).toBeUndefined();
    await fixture.store.shutdown();
  });

  it('removes the file that was created ahead and not used', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'x'.repeat(7000));
    await fixture.settle();
    expect(fixture.fs.list('/store/commitlog')).toHaveLength(2);
    await fixture.store.shutdown();
    expect(fixture.fs.list('/store/commitlog')).toEqual(['00000000000000000000']);
  });

  it('case 3: cuts off garbage behind the last record; the next message takes its place', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'one');
    const { endOffset } = fixture.send('a', 0, 'two');
    await fixture.store.shutdown();
    fixture.fs.content(LOG).fill(0x5a, endOffset, endOffset + 300);
    fixture.fs.content(QUEUE).writeInt32BE(endOffset, 44);
    fixture.fs.content(QUEUE).writeInt32BE(120, 48);
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['one', 'two']);
    expect(
      fixture.fs
        .content(LOG)
        .subarray(endOffset)
        .every((byte) => byte === 0),
    ).toBe(true);
    expect(fixture.send('a', 0, 'three')).toMatchObject({ physicalOffset: endOffset, queueOffset: 2 });
  });

  it('builds lost consume queues again', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 200; i++) fixture.send('a', i % 2, `m${i}`);
    await fixture.store.shutdown();
    fixture.fs.removeTree('/store/consumequeue');
    await fixture.restart();
    expect(fixture.bodies('a', 1)).toHaveLength(100);
  });

  it('case 4: does not build a lost index again, but indexes new messages', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 10; i++) fixture.send('a', 0, 'x', { KEYS: `old${i}` });
    await fixture.store.shutdown();
    fixture.fs.removeTree('/store/index');
    await fixture.restart();
    fixture.send('a', 0, 'x', { KEYS: 'new' });
    const found = (key: string): number => fixture.store.queryByKey('a', key, 10, 0, Infinity).records.length;
    expect([found('old3'), found('new')]).toEqual([0, 1]);
  });

  it('removes the queues when the log is gone', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'x');
    await fixture.store.shutdown();
    fixture.fs.removeTree('/store/commitlog');
    expect(await fixture.restart()).toMatchObject({ endOffset: 0 });
    expect([...fixture.store.queues()]).toEqual([]);
    expect(fixture.send('a', 0, 'y')).toMatchObject({ physicalOffset: 0, queueOffset: 0 });
  });
});

describe('recovery after kill -9', () => {
  it('case 2: shows messages whose queue entries were not written', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 5; i++) fixture.send('a', 0, `m${i}`, { KEYS: 'k' });
    expect(fixture.fs.status(QUEUE)).toBeUndefined();
    expect(await fixture.restart()).toMatchObject({ clean: false, records: 5 });
    expect(fixture.bodies('a', 0)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(fixture.store.queryByKey('a', 'k', 10, 0, Infinity).records).toHaveLength(5);
    expect(fixture.send('a', 0, 'next').queueOffset).toBe(5);
  });

  it('forgets what was appended and not committed', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'written');
    fixture.append('a', 0, 'staged');
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['written']);
    expect(fixture.send('a', 0, 'next').queueOffset).toBe(1);
  });

  it('does not start further back than the last file that was complete', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 400; i++) {
      fixture.send('a', i % 2, `message ${i}`, { UNIQ_KEY: `u${i}` });
      fixture.clock.advance(100);
      if (i % 20 === 0) await fixture.settle();
    }
    await fixture.settle();
    fixture.clock.advance(1000);
    await fixture.settle();
    const files = fixture.fs.list('/store/commitlog').length;
    const report = await fixture.restart();
    expect(files).toBeGreaterThan(5);
    expect(report.startOffset).toBeGreaterThan(0);
    expect(report.startOffset % 8192).toBe(0);
    expect(fixture.bodies('a', 0)).toHaveLength(200);
    for (let i = 0; i < 400; i++) {
      expect(fixture.store.queryByKey('a', `u${i}`, 10, 0, Infinity).records).toHaveLength(1);
    }
  });

  it('never lets old bytes behind the end become messages again', async () => {
    const fixture = await StoreFixture.open();
    const first = fixture.send('a', 0, 'aaaa');
    fixture.send('a', 0, 'bbbb');
    fixture.send('a', 0, 'cccc');
    fixture.fs.content(LOG)[first.endOffset + 90] = 0x7f;
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['aaaa']);
    fixture.send('a', 0, 'dddd');
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['aaaa', 'dddd']);
  });

  it('keeps the longest whole prefix for every length the last three records can be cut to', async () => {
    const fixture = await StoreFixture.open();
    const ends = ['one', 'two', 'three', 'four'].map(
      (body) => fixture.send('a', 0, body, { TAGS: 't' }).endOffset,
    );
    const whole = Buffer.from(fixture.fs.content(LOG));
    for (let length = ends[0] ?? 0; length <= (ends[3] ?? 0); length++) {
      const cut = Buffer.alloc(whole.length);
      whole.copy(cut, 0, 0, length);
      // Every other one as a file that is really shorter.
      fixture.fs.put(LOG, length % 2 === 0 ? cut : Buffer.from(cut.subarray(0, length)));
      const survivors = ends.filter((end) => end <= length).length;
      const report = await fixture.restart();
      expect(report.endOffset).toBe(ends[survivors - 1]);
      expect(fixture.bodies('a', 0)).toEqual(['one', 'two', 'three', 'four'].slice(0, survivors));
      expect(fixture.fs.content(LOG)).toHaveLength(8192);
      expect(fixture.send('a', 0, 'next')).toMatchObject({
        physicalOffset: ends[survivors - 1],
        queueOffset: survivors,
      });
    }
  });

  it('opens with consume queue, index and checkpoint cut at any byte', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 12; i++) fixture.send('a', 0, `m${i}`, { KEYS: `k${i}` });
    await fixture.store.shutdown();
    const index = `/store/index/${fixture.fs.list('/store/index')[0]}`;
    const saved = [...fixture.fs.files].map(([path, file]) => [path, Buffer.from(file.bytes)] as const);
    const upTo = (end: number, step: number): number[] =>
      Array.from({ length: end / step }, (_, i) => i * step);
    const cuts: [string, number[]][] = [
      [QUEUE, upTo(300, 1)],
      [index, [...upTo(44, 1), ...upTo(4800, 151)]],
      ['/store/checkpoint', [...upTo(44, 1), ...upTo(4096, 300)]],
    ];
    for (const [path, lengths] of cuts) {
      for (const cut of lengths) {
        for (const file of fixture.fs.files.keys()) fixture.fs.files.delete(file);
        for (const [file, bytes] of saved) {
          fixture.fs.put(file, Buffer.from(file === path ? bytes.subarray(0, cut) : bytes));
        }
        fixture.fs.put('/store/abort', Buffer.from('1'));
        await fixture.restart();
        expect(fixture.bodies('a', 0)).toHaveLength(12);
      }
    }
  });

  it('shows a deleted and recreated topic as it was last', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 30; i++) fixture.send('a', 0, `old ${i}`);
    fixture.store.deleteTopics(['a']);
    for (let i = 0; i < 3; i++) fixture.send('a', 0, `new ${i}`);
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['new 0', 'new 1', 'new 2']);
    expect(fixture.send('a', 0, 'next').queueOffset).toBe(3);
  });

  it('leaves an abort file in place when it fails, and what other stores keep there alone', async () => {
    const fixture = await StoreFixture.open();
    fixture.fs.put('/store/timerwheel', Buffer.from('wheel'));
    fixture.fs.put('/store/batchconsumequeue/a/0/00000000000000000000', Buffer.alloc(46));
    fixture.fs.put('/store/consumequeue/a/notanumber/file', Buffer.alloc(3));
    fixture.send('a', 0, 'x');
    await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(['x']);
    expect(fixture.fs.content('/store/timerwheel').toString()).toBe('wheel');
    expect(fixture.fs.content('/store/batchconsumequeue/a/0/00000000000000000000')).toHaveLength(46);
  });
});

describe('damage', () => {
  async function withFlushed(count: number): Promise<StoreFixture> {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < count; i++) {
      fixture.send('a', 0, `message ${i}`);
      fixture.clock.advance(1);
    }
    fixture.clock.advance(2000);
    await fixture.settle();
    fixture.clock.advance(2000);
    await fixture.settle();
    return fixture;
  }

  it('costs one record, when what is behind it was durable', async () => {
    const fixture = await withFlushed(20);
    const victim = fixture.pull('a', 0)[7];
    const bytes = fixture.fs.content(LOG);
    const at = (victim?.physicalOffset ?? 0) + 90;
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const report = await fixture.restart();
    expect(report.damaged).toEqual([victim?.physicalOffset]);
    const expected = Array.from({ length: 20 }, (_, i) => `message ${i}`).filter((_, i) => i !== 7);
    expect(fixture.bodies('a', 0)).toEqual(expected);
    expect(fixture.send('a', 0, 'next').queueOffset).toBe(20);
  });

  it('never shows a changed body, whichever bit of the log is flipped, and loses no more than one record', async () => {
    const fixture = await withFlushed(12);
    const saved = [...fixture.fs.files].map(([path, file]) => [path, Buffer.from(file.bytes)] as const);
    const end = fixture.store.writtenOffset;
    const bodies = new Set(fixture.bodies('a', 0));
    for (let bit = 3; bit < end * 8; bit += 29) {
      for (const [path, bytes] of saved) fixture.fs.put(path, Buffer.from(bytes));
      const log = fixture.fs.content(LOG);
      log[bit >> 3] = (log[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await fixture.restart();
      const shown = fixture.bodies('a', 0);
      expect(shown.filter((body) => !bodies.has(body))).toEqual([]);
      // The very last record is of the time up to which all is durable: it proves nothing about the one before it.
      expect(shown.length).toBeGreaterThanOrEqual(10);
      expect(new Set(shown).size).toBe(shown.length);
    }
  });

  it('of a consume queue entry never shows another record', async () => {
    const fixture = await withFlushed(12);
    const saved = [...fixture.fs.files].map(([path, file]) => [path, Buffer.from(file.bytes)] as const);
    for (let bit = 0; bit < 12 * 20 * 8; bit += 7) {
      for (const [path, bytes] of saved) fixture.fs.put(path, Buffer.from(bytes));
      fixture.fs.remove('/store/abort');
      const queue = fixture.fs.content(QUEUE);
      queue[bit >> 3] = (queue[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await fixture.restart();
      for (const record of fixture.pull('a', 0)) {
        expect(record.body.toString()).toBe(`message ${record.queueOffset}`);
      }
    }
  });
});

describe('what recovery refuses', () => {
  async function refusal(fixture: StoreFixture): Promise<string> {
    const error = await fixture.restart().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(RocketMQError);
    expect((error as RocketMQError).code).toBe('STORE');
    expect(fixture.fs.openCount).toBe(0);
    return (error as RocketMQError).message;
  }

  it('a commit log written with another file size', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'x');
    await fixture.store.shutdown();
    fixture.fs.put(LOG, Buffer.concat([fixture.fs.content(LOG), Buffer.alloc(100)]));
    expect(await refusal(fixture)).toContain(
      `${LOG} has 8292 bytes, not the 8192 of mappedFileSizeCommitLog`,
    );
  });

  it('a short file in the middle', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 3; i++) fixture.send('a', 0, 'x'.repeat(7000));
    fixture.fs.put(LOG, Buffer.alloc(8000));
    expect(await refusal(fixture)).toContain('has 8000 bytes');
  });

  it('a commit log with a file missing', async () => {
    const fixture = await StoreFixture.open();
    for (let i = 0; i < 3; i++) fixture.send('a', 0, 'x'.repeat(7000));
    await fixture.store.shutdown();
    fixture.fs.remove('/store/commitlog/00000000000000008192');
    expect(await refusal(fixture)).toContain('00000000000000016384: the commit log has a hole before it');
  });

  it('consume queue files of another size', async () => {
    const fixture = await StoreFixture.open();
    fixture.send('a', 0, 'x');
    await fixture.store.shutdown();
    fixture.fs.put(QUEUE, Buffer.alloc(800));
    expect(await refusal(fixture)).toContain('not the 400 of mappedFileSizeConsumeQueue');
  });

  it('a directory that another process has', async () => {
    const fixture = StoreFixture.create();
    const { MessageStore } = await import('../message-store.ts');
    const lock = {
      acquire: () => Promise.reject(new RocketMQError('STORE', 'Lock failed, MQ already started')),
      release: () => Promise.resolve(),
    };
    const store = new MessageStore(SMALL_FILES, { fileSystem: fixture.fs, lock });
    await expect(store.load()).rejects.toThrow('Lock failed');
    expect(fixture.fs.files.size).toBe(0);
  });
});

it('removes an empty newest file silently', async () => {
  const fixture = await StoreFixture.open();
  fixture.send('a', 0, 'x');
  await fixture.store.shutdown();
  fixture.fs.put('/store/commitlog/00000000000000008192', Buffer.alloc(0));
  await fixture.restart();
  expect(fixture.fs.list('/store/commitlog')).toEqual(['00000000000000000000']);
  expect(fixture.bodies('a', 0)).toEqual(['x']);
});

describe('a power loss at any time', () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('send' as const), queue: fc.nat(3), size: fc.nat(900) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(3000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), seed: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
  );

  it.each(['SYNC_FLUSH', 'ASYNC_FLUSH'] as const)(
    'keeps what was flushed, in order and unchanged (%s)',
    async (flushDiskType) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
          const fixture = await StoreFixture.open({ flushDiskType });
          let model: { queue: number; body: string; end: number }[] = [];
          let number = 0;
          for (const action of steps) {
            if (action.kind === 'send') {
              const body = `${number++}:${'x'.repeat(action.size)}`;
              const result = fixture.send('a', action.queue, body, { UNIQ_KEY: `u${number}`, TAGS: 't' });
              // oxlint-disable-next-line jest/no-conditional-expect -- a step of a generated run
              if (result.status !== 'PUT_OK') throw new Error(`refused: ${result.status}`);
              model.push({ queue: action.queue, body, end: result.endOffset });
            } else if (action.kind === 'time') {
              fixture.clock.advance(action.ms);
              await fixture.settle();
            } else {
              const safe =
                action.kind === 'crash' ? fixture.store.flushedOffset : fixture.store.writtenOffset;
              let seed = action.kind === 'crash' ? action.seed : 0;
              if (action.kind === 'stop') await fixture.store.shutdown();
              if (action.kind === 'crash') {
                fixture.fs.powerLoss(({ length }) => {
                  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
                  return seed % 3 === 0 ? length : seed % 3 === 1 ? 0 : seed % length;
                });
              }
              const { endOffset } = await fixture.restart();
              // oxlint-disable-next-line jest/no-conditional-expect -- a step of a generated run
              if (endOffset < safe) throw new Error(`the log ends at ${endOffset}, before ${safe}`);
              model = model.filter((message) => message.end <= endOffset);
            }
            for (let queue = 0; queue < 4; queue++) {
              if (action.kind === 'send' || action.kind === 'time') break;
              const expected = model
                .filter((message) => message.queue === queue)
                .map((message) => message.body);
              expect(fixture.bodies('a', queue)).toEqual(expected);
            }
          }
          await fixture.store.shutdown();
          expect(fixture.clock.pending).toBe(0);
          expect(fixture.fs.openCount).toBe(0);
        }),
        { numRuns: 40 },
      );
    },
  );
});
