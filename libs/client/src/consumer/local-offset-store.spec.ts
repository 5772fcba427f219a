import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalOffsetStore } from './local-offset-store.ts';

const q0 = { topic: 'T', brokerName: 'b', queueId: 0 };
const q1 = { topic: 'T', brokerName: 'b', queueId: 1 };

describe('LocalOffsetStore', () => {
  let dir: string;
  const open = async (): Promise<LocalOffsetStore> => {
    const store = new LocalOffsetStore(dir, '10.0.0.1@DEFAULT', 'g');
    await store.load();
    return store;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'offsets-'));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("keeps offsets in Java's file and format", async () => {
    const store = await open();
    expect(await store.read(q0)).toBe(-1);
    store.update(q0, 5, true);
    store.update(q1, 7, true);
    await store.persist();
    expect(store.path).toBe(join(dir, '10.0.0.1@DEFAULT', 'g', 'offsets.json'));
    expect(readFileSync(store.path, 'utf8').replaceAll(/\s/g, '')).toBe(
      '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:5,{"brokerName":"b","queueId":1,"topic":"T"}:7}}',
    );
    const again = await open();
    expect([await again.read(q0), await again.read(q1)]).toEqual([5, 7]);
  });

  it('only goes forward, unless it is told otherwise', async () => {
    const store = await open();
    store.update(q0, 5, true);
    store.update(q0, 3, true);
    expect(store.inMemory(q0)).toBe(5);
    store.update(q0, 3, false);
    expect(store.inMemory(q0)).toBe(3);
  });

  it('keeps what it knew before as a backup, and reads it when the file is damaged', async () => {
    const store = await open();
    store.update(q0, 1, true);
    await store.persist();
    store.update(q0, 2, true);
    await store.persist();
    expect(readdirSync(dirname(store.path)).toSorted()).toEqual(['offsets.json', 'offsets.json.bak']);
    writeFileSync(store.path, '{"offsetTable":{{"bro');
    expect(await (await open()).read(q0)).toBe(1);
    writeFileSync(`${store.path}.bak`, 'nonsense');
    await expect(open()).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining(store.path),
    });
  });

  it('reads what other writers make of it: keys in strings, and blanks', async () => {
    const store = await open();
    store.update(q0, 1, true);
    await store.persist();
    writeFileSync(
      store.path,
      '{\n\t"offsetTable":{\n\t\t"{\\"brokerName\\":\\"b\\",\\"queueId\\":1,\\"topic\\":\\"T\\"}": 12\n\t}\n}',
    );
    expect(await (await open()).read(q1)).toBe(12);
  });

  it('writes nothing when nothing changed', async () => {
    const store = await open();
    store.update(q0, 1, true);
    await store.persist();
    rmSync(store.path);
    store.update(q0, 1, true);
    await store.persist();
    expect(readdirSync(dirname(store.path))).toEqual([]);
  });

  it('says which file it could not write, and tries again', async () => {
    const store = await open();
    store.update(q0, 1, true);
    writeFileSync(join(dir, '10.0.0.1@DEFAULT'), 'a file where a directory has to be');
    await expect(store.persist()).rejects.toMatchObject({ code: 'STORE' });
    rmSync(join(dir, '10.0.0.1@DEFAULT'));
    await store.persist();
    expect(await (await open()).read(q0)).toBe(1);
  });
});
