import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { MemoryConfigFile } from '../config/testing/memory-config-file.ts';
import { ConsumerOffsetManager, type ConsumerOffsetManagerConfig } from './consumer-offset-manager.ts';

const CONFIG = {
  consumerOffsetUpdateVersionStep: 3,
  flushConsumerOffsetInterval: 5000,
  useServerSideResetOffset: true,
};

describe('ConsumerOffsetManager', () => {
  let clock: ManualClock;
  let file: MemoryConfigFile;
  let offsets: ConsumerOffsetManager;
  let warnings: string[];
  const create = (config: Partial<ConsumerOffsetManagerConfig> = {}): ConsumerOffsetManager =>
    new ConsumerOffsetManager({ ...CONFIG, ...config }, file, {
      clock,
      logger: { ...silentLogger, warn: (message) => warnings.push(message) },
    });
  const commit = (group: string, topic: string, queueId: number, offset: number): void =>
    offsets.commit('127.0.0.1:1', group, topic, queueId, offset);

  beforeEach(() => {
    clock = new ManualClock();
    file = new MemoryConfigFile();
    warnings = [];
    offsets = create();
  });

  it('gives what was committed, and -1 for what was not', () => {
    commit('g', 't', 0, 7);
    commit('g', 't', 0, 9);
    expect(offsets.query('g', 't', 0)).toBe(9);
    expect([offsets.query('g', 't', 1), offsets.query('g', 'u', 0), offsets.query('h', 't', 0)]).toEqual([
      -1, -1, -1,
    ]);
    expect(offsets.queryAll('g', 't')).toEqual(new Map([[0, 9]]));
    expect(offsets.queryAll('h', 't')).toBeUndefined();
  });

  it('takes an offset that goes back, and says so', () => {
    commit('g', 't', 0, 9);
    expect(warnings).toEqual([]);
    commit('g', 't', 0, 3);
    expect(offsets.query('g', 't', 0)).toBe(3);
    expect(warnings).toEqual([expect.stringContaining('from 9 to 3')]);
  });

  it('raises its version once per so many commits', () => {
    for (let i = 1; i <= 7; i++) commit('g', 't', 0, i);
    expect(offsets.dataVersion.counter).toBe(2);
  });

  it('keeps topic and group apart when one contains the other', () => {
    commit('order', 'order2', 0, 1);
    commit('order2', 'order', 0, 2);
    expect(offsets.topicsOf('order')).toEqual(new Set(['order2']));
    expect(offsets.groupsOf('order')).toEqual(new Set(['order2']));
    offsets.removeGroup('order');
    expect(offsets.query('order', 'order2', 0)).toBe(-1);
    expect(offsets.query('order2', 'order', 0)).toBe(2);
    offsets.removeTopic('order');
    expect(offsets.query('order2', 'order', 0)).toBe(-1);
  });

  it('copies one group to another without tying them together', () => {
    commit('a', 't', 0, 5);
    offsets.clone('a', 'b', 't');
    offsets.clone('nobody', 'c', 't');
    commit('a', 't', 0, 6);
    expect([offsets.query('b', 't', 0), offsets.query('c', 't', 0)]).toEqual([5, -1]);
  });

  it('keeps pulled offsets beside the committed ones', () => {
    expect(offsets.queryPull('g', 't', 0)).toBe(-1);
    commit('g', 't', 0, 5);
    expect(offsets.queryPull('g', 't', 0)).toBe(5);
    offsets.commitPull('g', 't', 0, 8);
    expect([offsets.queryPull('g', 't', 0), offsets.query('g', 't', 0)]).toEqual([8, 5]);
  });

  it('hands a reset offset over once', () => {
    commit('g', 't', 0, 100);
    offsets.reset('g', 't', 0, 10);
    commit('g', 't', 0, 101);
    expect(offsets.hasReset('g', 't', 0)).toBe(true);
    expect(offsets.query('g', 't', 0)).toBe(10);
    expect(offsets.takeReset('g', 't', 0)).toBe(10);
    expect(offsets.takeReset('g', 't', 0)).toBeUndefined();
    expect(offsets.query('g', 't', 0)).toBe(101);
  });

  describe('persistence', () => {
    it('writes every five seconds when something changed, and at the end', () => {
      offsets.start();
      commit('g', 't', 0, 1);
      clock.advance(4999);
      expect(file.writes).toBe(0);
      clock.advance(1);
      expect(file.writes).toBe(1);
      clock.advance(20_000);
      expect(file.writes).toBe(1);
      commit('g', 't', 0, 1);
      clock.advance(5000);
      expect(file.writes).toBe(1);
      commit('g', 't', 0, 2);
      offsets.shutdown();
      expect(file.writes).toBe(2);
      expect(clock.pending).toBe(0);
    });

    it('writes the queues as bare numbers, as Java does, and finds them again', () => {
      commit('g', 't', 0, 12);
      commit('g', 't', 1, 15);
      offsets.flush();
      expect(file.text).toContain('"offsetTable":{"t@g":{0:12,1:15}}');
      expect(file.text).toContain('"groupTopicMap":{"g":["t"]}');
      offsets = create();
      offsets.load();
      expect(offsets.queryAll('g', 't')).toEqual(
        new Map([
          [0, 12],
          [1, 15],
        ]),
      );
    });

    it('case 39: reads bare and quoted queue numbers, and keeps groups that nobody uses', () => {
      file = new MemoryConfigFile('{"offsetTable":{"t@g":{0:12,"1":9007199254740991},"%RETRY%g@g":{0:3}}}');
      offsets = create();
      offsets.load();
      expect([offsets.query('g', 't', 0), offsets.query('g', 't', 1)]).toEqual([12, Number.MAX_SAFE_INTEGER]);
      commit('h', 't', 0, 1);
      offsets.flush();
      expect(file.text).toContain('"%RETRY%g@g":{0:3}');
    });

    it('writes the removal of a group', () => {
      commit('g', 't', 0, 1);
      offsets.flush();
      offsets.removeGroup('g');
      offsets.flush();
      expect(file.text).toContain('"offsetTable":{}');
    });
  });
});
