import { RocketMQError } from '@nest-rocketmq/runtime';
import { MemoryFileSystem } from '../testing/memory-file-system.ts';
import { JsonConfigFile } from './json-config-file.ts';

const PATH = '/store/config/topics.json';

function create(): { fs: MemoryFileSystem; file: JsonConfigFile } {
  const fs = new MemoryFileSystem();
  return { fs, file: new JsonConfigFile(PATH, fs) };
}

/** Lets the thread pool do what it has to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function persisted(file: JsonConfigFile, value: unknown): Promise<void> {
  file.persist(value);
  await turn();
}

/** The message of what `task` throws, as far as it names the file; empty when it does not throw. */
function errorOf(task: () => void): string {
  try {
    task();
    return '';
  } catch (error) {
    const message = error instanceof RocketMQError && error.code === 'STORE' ? error.message : '';
    if (!message.startsWith(`cannot write ${PATH}: `)) throw error;
    return message;
  }
}

describe('JsonConfigFile', () => {
  it('reads what it wrote, numeric keys unquoted as fastjson has them', () => {
    const { fs, file } = create();
    file.persist({
      offsetTable: new Map([
        [
          't@g',
          new Map([
            [0, 12],
            [1, 15],
          ]),
        ],
      ]),
    });
    expect(fs.content(PATH).toString()).toBe('{\n\t"offsetTable":{\n\t\t"t@g":{0:12,1:15\n\t\t}\n\t}\n}');
    expect(file.load()).toEqual(
      new Map([
        [
          'offsetTable',
          new Map([
            [
              't@g',
              new Map([
                ['0', 12],
                ['1', 15],
              ]),
            ],
          ]),
        ],
      ]),
    );
  });

  it('reads nothing where there is nothing', () => {
    expect(create().file.load()).toBeUndefined();
  });

  it('keeps the previous state as a backup', async () => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    await persisted(file, { n: 2 });
    expect(fs.content(`${PATH}.bak`).toString()).toContain('"n":1');
    expect(fs.list('/store/config').toSorted()).toEqual(['topics.json', 'topics.json.bak']);
  });

  it.each(['', '{"n":', 'garbage'])('case 38: reads the backup when the file holds %j', async (damage) => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    await persisted(file, { n: 2 });
    fs.put(PATH, Buffer.from(damage));
    expect(file.load()).toEqual(new Map([['n', 1]]));
  });

  it('shows at once what it writes, and lets the disk take its time: the backup is what is durable', async () => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    const synced = fs.calls.fdatasync;
    fs.hold();
    for (const n of [2, 3, 4]) {
      file.persist({ n });
      expect(fs.content(PATH).toString()).toContain(`"n":${n}`);
    }
    expect(fs.content(`${PATH}.bak`).toString()).toContain('"n":1');
    fs.release();
    await turn();
    // That of 3 has nothing left to sync.
    expect(fs.calls.fdatasync - synced).toBe(2);
    await persisted(file, { n: 5 });
    expect(fs.content(`${PATH}.bak`).toString()).toContain('"n":4');
    fs.powerLoss();
    expect(file.load()).toEqual(new Map([['n', 5]]));
  });

  it.each([0, 1])('is durable after sync(), with %i syncs under way', async (before) => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    fs.hold();
    for (let n = 2; n <= 2 + before; n++) file.persist({ n });
    file.sync();
    fs.powerLoss();
    expect(file.load()).toEqual(new Map([['n', 2 + before]]));
  });

  it('is durable after sync() while its name alone is not yet', async () => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    fs.hold();
    file.persist({ n: 2 });
    // The content is synced in here; its directory is next.
    fs.release();
    file.sync();
    expect(file.durable).toBe(true);
    await turn();
    expect(fs.openCount).toBe(0);
    fs.powerLoss();
    expect(file.load()).toEqual(new Map([['n', 2]]));
  });

  it('takes what a killed process left for durable only once it is', async () => {
    const { fs, file } = create();
    await persisted(file, { n: 1 });
    fs.hold();
    file.persist({ n: 2 });
    fs.kill();
    const next = new JsonConfigFile(PATH, fs);
    expect(next.load()).toEqual(new Map([['n', 2]]));
    next.persist({ n: 3 });
    fs.powerLoss();
    expect(new JsonConfigFile(PATH, fs).load()).toEqual(new Map([['n', 2]]));
  });

  it('tells of what could not be made durable, unless it was replaced meanwhile', async () => {
    const { fs, file } = create();
    const told: string[] = [];
    await persisted(file, { n: 0 });
    fs.fail('fdatasync', { after: 0, code: 'EIO' });
    file.persist({ n: 1 }, ({ message }) => told.push(message));
    await turn();
    expect(told).toEqual([expect.stringContaining(`cannot write ${PATH}: EIO`)]);
    fs.hold();
    file.persist({ n: 2 }, ({ message }) => told.push(message));
    file.persist({ n: 3 }, ({ message }) => told.push(message));
    fs.release();
    fs.heal();
    await turn();
    expect(told).toHaveLength(1);
    fs.powerLoss();
    expect(file.load()).toEqual(new Map([['n', 3]]));
  });

  it('names a damaged file that has no good backup', () => {
    const { fs, file } = create();
    fs.put(PATH, Buffer.from('garbage'));
    expect(() => file.load()).toThrow(`cannot read ${PATH}`);
    fs.put(`${PATH}.bak`, Buffer.from('garbage too'));
    expect(() => file.load()).toThrow(`cannot read ${PATH}:`);
  });

  describe.each(['at once', 'later'] as const)('a power loss %s', (when) => {
    it.each(['open', 'write', 'fdatasync', 'rename'] as const)(
      'leaves the old or the new state, whatever of %s fails',
      async (call) => {
        for (let after = 0; after < 6; after++) {
          const { fs, file } = create();
          await persisted(file, { n: 1 });
          await persisted(file, { n: 2 });
          fs.fail(call, { after, code: 'ENOSPC' });
          let failed = errorOf(() => file.persist({ n: 3 }, ({ message }) => (failed = message)));
          if (when === 'later') await turn();
          fs.powerLoss();
          const survives = when === 'later' && failed === '' ? 3 : 2;
          expect(file.load()).toEqual(new Map([['n', survives]]));
        }
      },
    );
  });
});
