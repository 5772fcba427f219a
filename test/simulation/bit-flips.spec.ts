import { JsonConfigFile } from '@nest-rocketmq/store';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { expect, it } from '@jest/globals';
import { numberFrom, Random } from './random.ts';
import { contentOf, filesOf, restore, StoreFixture } from './stored-files.ts';

const SEED = numberFrom('SIMULATION_SEED', 1);
const FLIPS = numberFrom('BIT_FLIPS', 500);
const COUNT = 60;
const QUEUES = 3;
const CONFIG = '/store/config/consumerOffset.json';

/** A store that was flushed, and then killed: several log files, queues, index, checkpoint, a JSON file with its backup. */
async function flushed(): Promise<StoreFixture> {
  const fixture = await StoreFixture.open({ maxHashSlotNum: 31, maxIndexNum: 40 });
  for (let i = 0; i < COUNT; i++) {
    fixture.send('a', i % QUEUES, `message ${i} ${'x'.repeat(i * 7)}`, { UNIQ_KEY: `u${i}`, TAGS: 't' });
    fixture.clock.advance(20);
    await fixture.settle();
  }
  for (let i = 0; i < 3; i++) {
    fixture.clock.advance(2000);
    await fixture.settle();
  }
  const offsets = new JsonConfigFile(CONFIG, fixture.fs);
  offsets.persist({ offsetTable: new Map([['a@g', new Map([[0, 1]])]]) });
  offsets.persist({ offsetTable: new Map([['a@g', new Map([[0, 2]])]]) });
  return fixture;
}

/** What is wrong with the messages shown; how many are missing. */
function look(fixture: StoreFixture): { wrong: string[]; missing: number } {
  const wrong: string[] = [];
  let shown = 0;
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    for (const record of fixture.pull('a', queueId)) {
      const i = record.queueOffset * QUEUES + queueId;
      shown++;
      if (record.body.toString() !== `message ${i} ${'x'.repeat(i * 7)}`)
        wrong.push(`${queueId}@${record.queueOffset}`);
    }
  }
  return { wrong, missing: COUNT - shown };
}

it(`a flipped bit of any file costs no more than the record it is in, and no start (SIMULATION_SEED=${SEED})`, async () => {
  const fixture = await flushed();
  const files = filesOf(fixture);
  const used = fixture.store.writtenOffset;
  const random = new Random(SEED);
  const candidates = files.map(([path]) => path).filter((path) => !/\/(abort|lock)$/.test(path));
  const logs = candidates.filter((path) => path.includes('commitlog'));
  for (let flip = 0; flip < FLIPS; flip++) {
    // Half of them where the messages are.
    const path = random.pick(flip % 2 === 0 ? logs : candidates);
    const bytes = Buffer.from(contentOf(files, path));
    const base = path.includes('commitlog') ? Number(path.slice(-20)) : 0;
    const length = path.includes('commitlog') ? Math.min(bytes.length, used - base) : bytes.length;
    const bit = random.below(Math.max(1, length) * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    restore(fixture, files, path, bytes);
    // From the beginning of the log, as after a crash that the checkpoint does not shorten.
    if (path.includes('commitlog'))
      fixture.fs.put('/store/checkpoint', withOnlyPhysicalTime(contentOf(files, '/store/checkpoint')));
    const where = `bit ${bit} of ${path}`;
    await fixture.restart();
    const first = look(fixture);
    expect([where, first.wrong]).toEqual([where, []]);
    // Records of the time up to which all is durable prove nothing about one before them.
    expect([where, first.missing <= (path.includes('commitlog') ? 2 : 0)]).toEqual([where, true]);
    expect(fixture.fatal).toEqual([]);
    readOffsets(fixture, path);
    expect(fixture.send('a', 0, 'serves').status).toBe('PUT_OK');
    // And not only once: the next start finds the same.
    await fixture.restart();
    expect([where, fixture.fatal]).toEqual([where, []]);
    expect(fixture.send('a', 1, 'serves').status).toBe('PUT_OK');
  }
});

/** The log is durable up to where it was; queues and index count as not written. */
function withOnlyPhysicalTime(checkpoint: Buffer): Buffer {
  return Buffer.from(checkpoint).fill(0, 8, 24);
}

/** A JSON file has no checksum: it is read, or its backup is, or the error names it. */
function readOffsets(fixture: StoreFixture, flipped: string): void {
  let failure: unknown;
  try {
    new JsonConfigFile(CONFIG, fixture.fs).load();
  } catch (error) {
    failure = error;
  }
  const expected = failure === undefined || (flipped.startsWith(CONFIG) && failure instanceof RocketMQError);
  expect(expected).toBe(true);
}
