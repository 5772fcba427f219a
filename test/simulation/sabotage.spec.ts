import type { SimulatedFileSystem } from '@nest-rocketmq/store';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { StoreSimulation, type SimulationOptions } from './store-simulation.ts';

beforeAll(() => void jest.spyOn(performance, 'now').mockReturnValue(0));

/** So many seeds have to be enough to find a planted fault. */
const ENOUGH = 1000;

/** The message of the first seed that fails; undefined when none does. */
async function firstFailure(options: SimulationOptions): Promise<string | undefined> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    const failure = await new StoreSimulation(seed, options).run().then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Replaces a call of the file system by one that may pass it on. */
function replace<
  K extends 'write' | 'read' | 'truncate' | 'fdatasync' | 'fdatasyncSync' | 'syncDirectory' | 'rename',
>(fs: SimulatedFileSystem, call: K, by: (original: SimulatedFileSystem[K]) => SimulatedFileSystem[K]): void {
  fs[call] = by(fs[call].bind(fs) as SimulatedFileSystem[K]);
}

/** Knows the paths of open files. */
function paths(fs: SimulatedFileSystem): (fd: number) => string {
  const open = new Map<number, string>();
  const original = fs.open.bind(fs);
  fs.open = (path, mode) => {
    const fd = original(path, mode);
    open.set(fd, path);
    return fd;
  };
  return (fd) => open.get(fd) ?? '';
}

/** Says that files of such a path are durable, and does nothing for it. */
function pretendToSync(fs: SimulatedFileSystem, part: string): void {
  const path = paths(fs);
  replace(fs, 'fdatasync', (fdatasync) => (fd, done) => {
    if (path(fd).includes(part)) queueMicrotask(() => done(null));
    else fdatasync(fd, done);
  });
}

const PLANTED: [string, SimulationOptions, RegExp][] = [
  ['messages are acknowledged before they are written', { answerBeforeWrite: true }, /durable|order/],
  [
    'the log is written one call later than said',
    {
      sabotage: (fs) => {
        const path = paths(fs);
        let late: (() => void) | undefined;
        replace(fs, 'write', (write) => (fd, source, at, length, position) => {
          if (!path(fd).includes('commitlog')) return write(fd, source, at, length, position);
          late?.();
          const bytes = Buffer.from(source.subarray(at, at + length));
          late = () => write(fd, bytes, 0, length, position);
          return length;
        });
      },
    },
    /SIMULATION_SEED=\d+/,
  ],
  [
    'nothing is cut off behind the end',
    {
      sabotage: (fs) => {
        const path = paths(fs);
        replace(fs, 'truncate', (truncate) => (fd, size) => {
          if (path(fd).includes('commitlog') && size < (fs.status(path(fd))?.size ?? 0)) return;
          truncate(fd, size);
        });
      },
    },
    /SIMULATION_SEED=\d+: Broken/,
  ],
  [
    'a flush is reported that never happened',
    { sabotage: (fs) => pretendToSync(fs, 'commitlog') },
    /durable/,
  ],
  [
    'a failed write is taken for a good one',
    {
      sabotage: (fs) =>
        replace(fs, 'write', (write) => (fd, source, at, length, position) => {
          try {
            write(fd, source, at, length, position);
          } catch {
            // That is the fault.
          }
          return length;
        }),
    },
    /SIMULATION_SEED=\d+: Broken/,
  ],
  ['checksums are not looked at', { config: { checkCRCOnRecover: false } }, /immutable|prefix|durable/],
  [
    'the disk gives other bytes than it was given',
    {
      sabotage: (fs) => {
        const path = paths(fs);
        let reads = 0;
        replace(fs, 'read', (read) => (fd, target, at, length, position) => {
          const count = read(fd, target, at, length, position);
          if (path(fd).includes('commitlog') && ++reads % 50 === 0 && count > 60)
            target[at + count - 50] = (target[at + count - 50] ?? 0) ^ 1;
          return count;
        });
      },
    },
    /SIMULATION_SEED=\d+/,
  ],
  [
    'entries of a consume queue get lost',
    {
      sabotage: (fs) => {
        const path = paths(fs);
        let writes = 0;
        replace(fs, 'write', (write) => (fd, source, at, length, position) => {
          if (!path(fd).includes('consumequeue') || ++writes % 5 !== 0)
            return write(fd, source, at, length, position);
          return length;
        });
      },
    },
    /dense|durable/,
  ],
  [
    'keys are not indexed',
    {
      sabotage: (fs) => {
        const path = paths(fs);
        replace(
          fs,
          'write',
          (write) => (fd, source, at, length, position) =>
            path(fd).includes('/index/') && position >= 40 ? length : write(fd, source, at, length, position),
        );
      },
    },
    /not found by its key/,
  ],
  [
    'names are not made durable',
    { sabotage: (fs) => replace(fs, 'syncDirectory', () => () => undefined) },
    /SIMULATION_SEED=\d+/,
  ],
  [
    'the first consumer offsets are not synced before they can be seen',
    { sabotage: (fs) => replace(fs, 'fdatasyncSync', () => () => undefined) },
    /SIMULATION_SEED=\d+/,
  ],
  [
    'consumer offsets are taken for durable too early, and become the backup',
    { sabotage: (fs) => pretendToSync(fs, '/config/') },
    /consumer/,
  ],
];

it.each(PLANTED)('the simulation sees it when %s', async (_, options, expected) => {
  expect(await firstFailure(options)).toMatch(expected);
});

it('a seed decides all of a run', async () => {
  const once = await new StoreSimulation(7).run();
  expect(await new StoreSimulation(7).run()).toEqual(once);
  expect(await new StoreSimulation(8).run()).not.toEqual({ ...once, seed: 8 });
});

it('a failure tells its seed, what was broken and the last steps', async () => {
  const failure = await firstFailure({ answerBeforeWrite: true });
  const seed = Number(/^Error: SIMULATION_SEED=(\d+): Broken: /.exec(failure ?? '')?.[1]);
  expect(failure).toContain('\nafter:\n');
  await expect(new StoreSimulation(seed, { answerBeforeWrite: true }).run()).rejects.toThrow(
    failure?.slice(7),
  );
});
