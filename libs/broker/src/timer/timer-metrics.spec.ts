import { JsonConfigFile, MemoryFileSystem } from '@nest-rocketmq/store';
import { TimerMetrics } from './timer-metrics.ts';

const FILE = '/store/config/timermetrics';
const NOW = 1_767_225_600_000;

describe('the count of timers', () => {
  let fs: MemoryFileSystem;

  const open = (): TimerMetrics => {
    const metrics = new TimerMetrics(new JsonConfigFile(FILE, fs), NOW);
    metrics.load();
    return metrics;
  };

  beforeEach(() => {
    fs = new MemoryFileSystem();
  });

  it('is kept by topic, over restarts', () => {
    const metrics = open();
    metrics.add('T', 1, NOW);
    metrics.add('T', 1, NOW + 1);
    metrics.add('U', 1, NOW);
    metrics.add('U', -1, NOW + 5);
    metrics.flush(NOW + 9);
    const again = open();
    expect([again.count('T'), again.count('U'), again.count('V')]).toEqual([2, 0, 0]);
    expect(again.toJson().dataVersion).toEqual({ stateVersion: 0, timestamp: NOW + 9, counter: 1 });
  });

  it('is set right, with what has changed since the counting began', () => {
    const metrics = open();
    metrics.add('T', 7, NOW);
    metrics.add('U', 1, NOW);
    metrics.add('V', 2, NOW);
    metrics.beginRevision();
    metrics.add('T', 1, NOW + 1);
    metrics.add('U', -1, NOW + 1);
    const waiting = new Map([
      ['T', 3],
      ['U', 1],
      ['unknown', 9],
    ]);
    expect(metrics.revise(waiting, NOW + 2)).toBe(2);
    expect(['T', 'U', 'V', 'unknown'].map((topic) => metrics.count(topic))).toEqual([4, 0, 0, 0]);
    metrics.add('T', 1, NOW + 3);
    expect(metrics.count('T')).toBe(5);
  });

  it("reads what RocketMQ's broker writes", () => {
    fs.put(
      FILE,
      Buffer.from(
        '{"dataVersion":{"counter":3,"stateVersion":0,"timestamp":1795273673407},' +
          '"timingCount":{"order":{"count":5,"timeStamp":1795273673407}}}',
      ),
    );
    expect(open().count('order')).toBe(5);
  });

  it('writes nothing while nothing changes, and forgets topics that are deleted', () => {
    const metrics = open();
    metrics.flush(NOW);
    expect(fs.files.has(FILE)).toBe(false);
    metrics.add('T', 1, NOW);
    metrics.remove('T');
    metrics.flush(NOW);
    expect(fs.content(FILE).toString()).not.toContain('"T"');
  });
});
