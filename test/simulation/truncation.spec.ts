import { JsonConfigFile } from '@nest-rocketmq/store';
import { expect, it } from '@jest/globals';
import { contentOf, filesOf, restore, StoreFixture } from './stored-files.ts';

const LOG = '/store/commitlog/00000000000000000000';
const QUEUE = '/store/consumequeue/a/0/00000000000000000000';
const SMALL_INDEX = { maxHashSlotNum: 31, maxIndexNum: 40 };

/** Bodies with zeros at their ends, and bytes that look like the head of a record inside. */
function body(i: number): Buffer {
  const bytes = Buffer.alloc(900 + i * 150, i % 2 === 0 ? 0 : 0x61);
  bytes.write(`body ${i}`);
  bytes.writeUInt32BE(0xdaa320a7, 600);
  return bytes;
}

/** A store of `count` messages that was killed. */
async function killed(count: number): Promise<StoreFixture> {
  const fixture = await StoreFixture.open(SMALL_INDEX);
  for (let i = 0; i < count; i++)
    fixture.send('a', 0, body(i), { UNIQ_KEY: `u${i}`, TAGS: 't', user: 'v'.repeat(100) });
  return fixture;
}

it('a log cut at any byte of its last three records keeps the longest whole prefix, and serves', async () => {
  const fixture = await killed(4);
  const ends = fixture.pull('a', 0).map((record) => record.physicalOffset + record.totalSize);
  const files = filesOf(fixture);
  const whole = contentOf(files, LOG);
  const [first = 0, last = 0] = [ends[0], ends[3]];
  let cases = 0;
  for (let length = first; length <= last; length++, cases++) {
    const cut = Buffer.alloc(whole.length);
    whole.copy(cut, 0, 0, length);
    // Every other one as a file that is really shorter.
    restore(fixture, files, LOG, length % 2 === 0 ? cut : Buffer.from(cut.subarray(0, length)));
    const { endOffset, damaged } = await fixture.restart();
    const survivors = ends.filter((end) => end <= length).length;
    expect([endOffset, damaged]).toEqual([ends[survivors - 1], []]);
    const bodies = fixture.pull('a', 0).map((record) => record.body);
    expect(bodies.length).toBe(survivors);
    expect(bodies.every((found, i) => found.equals(body(i)))).toBe(true);
    expect(fixture.store.queryByKey('a', `u${survivors - 1}`, 10, 0, Infinity).records).toHaveLength(1);
    expect(fixture.send('a', 0, 'next')).toMatchObject({ physicalOffset: endOffset, queueOffset: survivors });
  }
  expect(cases).toBeGreaterThan(3500);
});

it('consume queue, index and checkpoint cut at any byte cost nothing', async () => {
  const fixture = await StoreFixture.open(SMALL_INDEX);
  for (let i = 0; i < 12; i++) fixture.send('a', 0, `m${i}`, { KEYS: `k${i}` });
  await fixture.store.shutdown();
  const files = [...filesOf(fixture), ['/store/abort', Buffer.from('1')] as const];
  const index = files.map(([path]) => path).find((path) => path.includes('/index/')) ?? '';
  for (const path of [QUEUE, index, '/store/checkpoint']) {
    const whole = contentOf(files, path);
    // Behind its three times a checkpoint is zeros.
    const end = path.endsWith('checkpoint') ? 64 : whole.length;
    for (let length = 0; length <= end; length++) {
      restore(fixture, files, path, Buffer.from(whole.subarray(0, length)));
      await fixture.restart();
      expect(fixture.bodies('a', 0)).toEqual(Array.from({ length: 12 }, (_, i) => `m${i}`));
      for (const i of [0, 5, 11]) {
        expect(fixture.store.queryByKey('a', `k${i}`, 10, 0, Infinity).records).toHaveLength(1);
      }
      expect(fixture.send('a', 0, 'next').queueOffset).toBe(12);
    }
  }
});

it('a JSON file cut at any byte is read from its backup, and damage to both is an error that names the file', async () => {
  const { fs } = await StoreFixture.open();
  const path = '/store/config/consumerOffset.json';
  const file = new JsonConfigFile(path, fs);
  const state = (offset: number): object => ({
    offsetTable: new Map([['topic@group', new Map([[0, offset]])]]),
  });
  file.persist(state(1));
  const older = file.load();
  file.persist(state(2));
  const newer = file.load();
  const whole = Buffer.from(fs.content(path));
  const backup = Buffer.from(fs.content(`${path}.bak`));
  for (let length = 0; length <= whole.length; length++) {
    fs.put(path, Buffer.from(whole.subarray(0, length)));
    fs.put(`${path}.bak`, backup);
    expect(file.load()).toEqual(length === whole.length ? newer : older);
    if (length === 0 || length === whole.length) continue;
    fs.put(`${path}.bak`, Buffer.from(backup.subarray(0, length)));
    expect(() => file.load()).toThrow(path);
  }
});
