import { RocketMQError } from '@nest-rocketmq/runtime';
import { MemoryFileSystem } from '../testing/memory-file-system.ts';
import { JsonConfigFile } from './json-config-file.ts';

const PATH = '/store/config/topics.json';

function create(): { fs: MemoryFileSystem; file: JsonConfigFile } {
  const fs = new MemoryFileSystem();
  return { fs, file: new JsonConfigFile(PATH, fs) };
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

  it('keeps the previous state as a backup', () => {
    const { fs, file } = create();
    file.persist({ n: 1 });
    file.persist({ n: 2 });
    expect(fs.content(`${PATH}.bak`).toString()).toContain('"n":1');
    expect(fs.list('/store/config').toSorted()).toEqual(['topics.json', 'topics.json.bak']);
  });

  it.each(['', '{"n":', 'garbage'])('case 38: reads the backup when the file holds %j', (damage) => {
    const { fs, file } = create();
    file.persist({ n: 1 });
    file.persist({ n: 2 });
    fs.put(PATH, Buffer.from(damage));
    expect(file.load()).toEqual(new Map([['n', 1]]));
  });

  it('names a damaged file that has no good backup', () => {
    const { fs, file } = create();
    fs.put(PATH, Buffer.from('garbage'));
    expect(() => file.load()).toThrow(`cannot read ${PATH}`);
    fs.put(`${PATH}.bak`, Buffer.from('garbage too'));
    expect(() => file.load()).toThrow(`cannot read ${PATH}:`);
  });

  it.each(['open', 'write', 'fdatasync', 'rename'] as const)(
    'has the old or the new state after any failure of %s or power loss',
    (call) => {
      for (let after = 0; after < 6; after++) {
        const { fs, file } = create();
        file.persist({ n: 1 });
        file.persist({ n: 2 });
        fs.fail(call, { after, code: 'ENOSPC' });
        const failed = errorOf(() => file.persist({ n: 3 }));
        fs.powerLoss();
        expect([new Map([['n', failed === '' ? 3 : 2]]), new Map([['n', 2]])]).toContainEqual(file.load());
      }
    },
  );
});
