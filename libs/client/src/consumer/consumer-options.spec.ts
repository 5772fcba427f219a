import { describe, expect, it } from '@jest/globals';
import { consumeSettings, consumeTimestampMs } from './consumer-options.ts';

describe('consumeSettings', () => {
  it("are Java's where nothing else is said", () => {
    expect(consumeSettings({})).toMatchObject({
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      allocateStrategy: { name: 'AVG' },
      concurrency: 20,
      consumeMessageBatchMaxSize: 1,
      pullBatchSize: 32,
      pullThresholdForQueue: 1000,
      pullThresholdSizeForQueue: 100,
      consumeConcurrentlyMaxSpan: 2000,
      maxReconsumeTimes: -1,
      consumeTimeout: 900_000,
    });
  });

  it('ignore what is undefined or not theirs', () => {
    expect(consumeSettings({ concurrency: undefined, group: 'g' } as object).concurrency).toBe(20);
    expect(consumeSettings({ group: 'g' } as object)).not.toHaveProperty('group');
  });
});

describe('consumeTimestampMs', () => {
  it('is half an hour before the start, a number, or a time of this place', () => {
    expect(consumeTimestampMs(undefined, 10_000_000)).toBe(10_000_000 - 1_800_000);
    expect(consumeTimestampMs(123, 0)).toBe(123);
    expect(consumeTimestampMs('20260102030405', 0)).toBe(new Date(2026, 0, 2, 3, 4, 5).getTime());
    expect(() => consumeTimestampMs('2026-01-02', 0)).toThrow('yyyyMMddHHmmss');
  });
});
