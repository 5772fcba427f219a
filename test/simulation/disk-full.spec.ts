import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecords, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { afterAll, expect, it } from '@jest/globals';
import { TestBroker } from '../../libs/broker/test/test-broker.ts';
import { StoreFixture } from './stored-files.ts';

const ROUNDS = 5;

it('a disk that fills up and is freed, again and again, costs no message that was taken', async () => {
  const fixture = StoreFixture.create({ mappedFileSizeCommitLog: 1024 * 1024, fileReservedTime: 1000 });
  const total = 4 * 1024 * 1024;
  let others = 0;
  const used = (): number =>
    others + [...fixture.fs.files.values()].reduce((sum, file) => sum + blocks(file.bytes), 0);
  Object.defineProperty(fixture.fs, 'disk', {
    get: () => ({ total, free: Math.max(0, total - used()), available: Math.max(0, total - used()) }),
  });
  await fixture.load();
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 30; i++) {
      const body = `${round}:${i}`;
      if (fixture.send('a', 0, body, { UNIQ_KEY: body }).status === 'PUT_OK') taken.push(body);
    }
    others = total - used();
    fixture.clock.advance(70_000);
    await fixture.settle();
    const before = taken.length;
    for (let i = 0; i < 5; i++) expect(fixture.send('a', 0, 'refused').status).toBe('SERVICE_NOT_AVAILABLE');
    expect(fixture.store.writeRefusal).toContain("the broker's disk is full");
    expect(fixture.bodies('a', 0)).toEqual(taken);
    others = 0;
    fixture.clock.advance(11_000);
    expect(taken).toHaveLength(before);
    expect(fixture.store.writeable || fixture.send('a', 0, 'again').status === 'PUT_OK').toBe(true);
    if (fixture.bodies('a', 0).length > taken.length) taken.push('again');
    if (round % 2 === 1) await fixture.restart();
    expect(fixture.bodies('a', 0)).toEqual(taken);
  }
  expect(fixture.fatal).toEqual([]);
  expect(taken.length).toBeGreaterThanOrEqual(ROUNDS * 30);
});

/** What a sparse file takes: its blocks that are not all zeros. */
function blocks(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4096)
    if (bytes.subarray(at, at + 4096).some((byte) => byte !== 0)) sum += 4096;
  return sum;
}

/** A small file system of its own; undefined where this user may not mount one. */
function mountTmpfs(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'disk-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
}

const disk = mountTmpfs();
if (disk === undefined)
  process.stdout.write('disk-full: no tmpfs can be mounted here; the run on a real one is left out\n');
afterAll(() => {
  if (disk === undefined) return;
  // Lazily: a test that failed may have left files open.
  execFileSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true });
});

it('on a real file system too: 14 for producers, messages for consumers, and writes when there is room', async () => {
  if (disk === undefined) return;
  const directory = disk;
  const ballast = join(directory, 'ballast');
  let clock = new ManualClock(Date.now());
  const start = (): Promise<TestBroker> => {
    clock = new ManualClock(Date.now());
    return TestBroker.start({ cleanFileForciblyEnable: false }, { clock }, directory);
  };
  let broker = await start();
  const sent: string[] = [];
  const send = async (body: string): Promise<number> => {
    const { code } = await broker.send('T', body);
    if (code === ResponseCode.SUCCESS) sent.push(body);
    return code;
  };
  const read = async (): Promise<string[]> => {
    const found: string[] = [];
    for (;;) {
      const answer = await broker.pull('G', 'T', 0, found.length, { suspendTimeoutMillis: 0 });
      if (answer.code !== ResponseCode.SUCCESS) return found;
      found.push(...decodeRecords(answer.body).map((record) => record.body.toString()));
    }
  };
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 100; i++)
      expect(await send(`${round}:${i} ${'x'.repeat(200)}`)).toBe(ResponseCode.SUCCESS);
    fill(ballast, directory, 0.05);
    await clock.advanceAsync(70_000, 5000);
    expect(await send('refused')).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    expect(await read()).toEqual(sent);
    rmSync(ballast);
    await clock.advanceAsync(20_000, 5000);
  }
  // Filled between two looks at it, the disk fails in the middle of a write: then nothing is acknowledged any more.
  fill(ballast, directory, 0);
  let code: number = ResponseCode.SUCCESS;
  for (let i = 0; i < 100 && code === ResponseCode.SUCCESS; i++)
    code = await send(`last ${i} ${'y'.repeat(1000)}`).catch(() => ResponseCode.SYSTEM_ERROR);
  expect(code).not.toBe(ResponseCode.SUCCESS);
  await broker.stop().catch(() => undefined);
  rmSync(ballast);
  broker = await start();
  const found = await read();
  expect(found.slice(0, sent.length)).toEqual(sent);
  expect(found.length - sent.length).toBeLessThanOrEqual(1);
  expect(await send('again')).toBe(ResponseCode.SUCCESS);
  await broker.stop();
});

/** Leaves this part of the disk. */
function fill(ballast: string, directory: string, part: number): void {
  const { bavail, bsize, blocks: all } = statfsSync(directory);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail - Math.floor(all * part)) * bsize, 1));
}
