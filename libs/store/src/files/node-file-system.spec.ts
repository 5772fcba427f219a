import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeHost, encodeProperties } from '@nest-rocketmq/protocol';
import { AppendMessage } from '../append-message.ts';
import { MessageStore } from '../message-store.ts';
import { nodeFileSystem } from './node-file-system.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('nodeFileSystem', () => {
  it('creates sized, sparse files in the background', async () => {
    const file = path.join(root, 'segment');
    const fd = await new Promise<number>((resolve, reject) => {
      nodeFileSystem.createSized(file, 1024 * 1024 * 1024, (error, opened) =>
        error ? reject(error) : resolve(opened),
      );
    });
    expect(nodeFileSystem.status(file)?.size).toBe(1024 * 1024 * 1024);
    expect(statSync(file).blocks).toBeLessThan(100);
    nodeFileSystem.close(fd);
  });

  it('tells of an error to create where it was asked to', async () => {
    const error = await new Promise<Error | null>((resolve) => {
      nodeFileSystem.createSized(path.join(root, 'missing', 'segment'), 10, resolve);
    });
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  it('takes what does not exist for empty, and removes it without complaint', () => {
    const missing = path.join(root, 'missing');
    expect(nodeFileSystem.list(missing)).toEqual([]);
    expect(nodeFileSystem.status(missing)).toBeUndefined();
    nodeFileSystem.remove(missing);
    nodeFileSystem.removeTree(missing);
    expect(() => nodeFileSystem.open(missing, 'r+')).toThrow('ENOENT');
    const { total, free, available } = nodeFileSystem.space(root);
    expect(total).toBeGreaterThanOrEqual(free);
    expect(free).toBeGreaterThanOrEqual(available);
  });
});

it("keeps messages in the files of a directory, at RocketMQ's sizes", async () => {
  const config = { storePathRootDir: root, fileReservedTime: 1 };
  const message = new AppendMessage();
  message.topic = 'orders';
  message.bornHost = message.storeHost = encodeHost('127.0.0.1', 10911);
  message.content(Buffer.alloc(1024, 7), encodeProperties(new Map([['KEYS', 'k']])));
  const store = new MessageStore(config);
  await store.load();
  store.start();
  for (let i = 0; i < 1000; i++) store.append(message);
  store.commit();
  await store.shutdown();
  expect(readdirSync(root).toSorted()).toEqual([
    'checkpoint',
    'commitlog',
    'config',
    'consumequeue',
    'index',
    'lock',
  ]);
  const size = (...names: string[]): number => statSync(path.join(root, ...names)).size;
  expect(size('commitlog', '00000000000000000000')).toBe(1073741824);
  expect(size('consumequeue', 'orders', '0', '00000000000000000000')).toBe(6_000_000);
  expect(size('index', readdirSync(path.join(root, 'index'))[0] ?? '')).toBe(420_000_040);
  expect(size('checkpoint')).toBe(4096);
  const again = new MessageStore(config);
  expect(await again.load()).toMatchObject({ clean: true, records: 1 });
  expect(again.getMaxOffset('orders', 0)).toBe(1000);
  expect(again.queryByKey('orders', 'k', 64, 0, Infinity).records).toHaveLength(64);
  await again.shutdown();
});
