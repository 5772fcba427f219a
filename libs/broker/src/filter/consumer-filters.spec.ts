import type { SubscriptionData } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { JsonConfigFile, MemoryFileSystem } from '@nest-rocketmq/store';
import { ConsumerFilters } from './consumer-filters.ts';
import { isDead } from './consumer-filter-data.ts';

const FILE = '/store/config/consumerFilter.json';
const DAY = 86_400_000;

describe('what groups filter by', () => {
  let fs: MemoryFileSystem;
  let clock: ManualClock;
  let filters: ConsumerFilters;

  function open(expectConsumerNumUseFilter = 32): ConsumerFilters {
    const opened = new ConsumerFilters(
      { maxErrorRateOfBloomFilter: 20, expectConsumerNumUseFilter, filterDataCleanTimeSpan: DAY },
      new JsonConfigFile(FILE, fs),
      { clock, compiles: (expression) => expression !== 'wrong' },
    );
    opened.load();
    return opened;
  }

  const sql = (topic: string, subString: string, subVersion = 1): SubscriptionData => ({
    topic,
    subString,
    subVersion,
    expressionType: 'SQL92',
    classFilterMode: false,
    tagsSet: [],
    codeSet: [],
  });
  const tags = (topic: string): SubscriptionData => ({ ...sql(topic, 'a || b'), expressionType: 'TAG' });

  beforeEach(() => {
    fs = new MemoryFileSystem();
    clock = new ManualClock();
    filters = open();
  });

  it('is known by topic and group, where it is not by tags', () => {
    filters.register('G', [sql('T', 'a > 1'), tags('U'), sql('V', 'wrong'), sql('W', '')]);
    expect(filters.get('T', 'G')).toMatchObject({
      expression: 'a > 1',
      expressionType: 'SQL92',
      deadTime: 0,
    });
    for (const topic of ['U', 'V', 'W']) expect(filters.get(topic, 'G')).toBeUndefined();
    expect(filters.get('T', 'other')).toBeUndefined();
  });

  it('changes with a newer version alone, and is taken away by one that is wrong', () => {
    filters.register('G', [sql('T', 'a > 2', 2)]);
    filters.register('G', [sql('T', 'a > 1', 1)]);
    expect(filters.get('T', 'G')?.expression).toBe('a > 2');
    clock.advance(5);
    filters.register('G', [sql('T', 'a > 3', 3)]);
    expect(filters.get('T', 'G')).toMatchObject({ expression: 'a > 3', bornTime: clock.now() });
    filters.register('G', [sql('T', 'wrong', 4)]);
    expect(filters.get('T', 'G')).toBeUndefined();
  });

  it('dies with its subscription or its group, revives with it, and is forgotten after a day', () => {
    const dead = (): boolean[] =>
      ['T', 'U'].map((topic) => {
        const data = filters.get(topic, 'G');
        return data === undefined || isDead(data);
      });
    filters.register('G', [sql('T', 'a > 1'), sql('U', 'a > 1')]);
    clock.advance(10);
    filters.register('G', [sql('T', 'a > 1')]);
    expect(dead()).toEqual([false, true]);
    filters.unregister('G');
    expect(dead()).toEqual([true, true]);
    filters.register('G', [sql('T', 'a > 1'), sql('U', 'a > 1', 2)]);
    expect(dead()).toEqual([false, false]);
    filters.unregister('G');
    clock.advance(DAY - 1);
    filters.flush();
    expect(filters.get('T', 'G')).toBeDefined();
    clock.advance(1);
    filters.flush();
    expect(filters.get('T', 'G')).toBeUndefined();
    expect(JSON.parse(fs.content(FILE).toString())).toEqual({ filterDataByTopic: {} });
  });

  it("is written in the form of Java's file every 10 s, when it changed", () => {
    filters.start();
    clock.advance(10_000);
    expect(fs.status(FILE)).toBeUndefined();
    filters.register('G', [sql('T', 'a > 1', 7)]);
    const born = clock.now();
    clock.advance(10_000);
    filters.shutdown();
    expect(clock.pending).toBe(0);
    expect(JSON.parse(fs.content(FILE).toString())).toEqual({
      filterDataByTopic: {
        T: {
          groupFilterData: {
            G: {
              bloomFilterData: { bitNum: 112, bitPos: filters.get('T', 'G')?.bloomFilterData?.bitPos },
              bornTime: born,
              clientVersion: 7,
              consumerGroup: 'G',
              dead: false,
              deadTime: 0,
              expression: 'a > 1',
              expressionType: 'SQL92',
              topic: 'T',
            },
          },
          topic: 'T',
        },
      },
    });
  });

  it('is read again, as dead until its consumers are heard of', () => {
    filters.register('G', [sql('T', 'a > 1')]);
    filters.flush();
    const born = clock.now();
    clock.advance(1000);
    const again = open();
    expect(again.get('T', 'G')).toMatchObject({ expression: 'a > 1', deadTime: born });
    again.register('G', [sql('T', 'a > 1')]);
    expect(again.get('T', 'G')?.deadTime).toBe(0);
    clock.advance(100_000);
    expect(open().get('T', 'G')?.deadTime).toBe(clock.now() - 30_000);
  });

  it('is not read from a file that was made for another Bloom filter, or holds something else', () => {
    filters.register('G', [sql('T', 'a > 1')]);
    filters.flush();
    expect(open(64).get('T', 'G')).toBeUndefined();
    fs.put(FILE, Buffer.from('{"filterDataByTopic":{"T":{"groupFilterData":{"G":{"topic":"T"}}}}}'));
    expect(open().get('T', 'G')).toBeUndefined();
  });
});
