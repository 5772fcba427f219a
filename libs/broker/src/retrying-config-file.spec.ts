import { ManualClock, RocketMQError, silentLogger } from '@nest-rocketmq/runtime';
import { RetryingConfigFile } from './retrying-config-file.ts';

describe('a configuration file on a full disk', () => {
  const written: unknown[] = [];
  const errors: string[] = [];
  const clock = new ManualClock();
  let full = true;
  let synced = 0;
  let lost: ((error: RocketMQError) => void) | undefined;
  const file = new RetryingConfigFile(
    'topics.json',
    {
      load: () => 'loaded',
      persist(value, failed) {
        lost = failed;
        if (full) throw new Error('ENOSPC');
        written.push(value);
      },
      sync: () => void (synced = written.length),
    },
    { clock, logger: { ...silentLogger, error: (message) => errors.push(message) } },
  );

  it('is written once there is room, with the latest state', () => {
    file.persist('one');
    file.persist('two');
    clock.advance(20_000);
    expect(written).toEqual([]);
    expect(errors).toEqual([expect.stringContaining("topics.json can't be written")]);
    full = false;
    clock.advance(5000);
    expect(written).toEqual(['two']);
    expect(clock.pending).toBe(0);
  });

  it('is written again when the disk could not keep it', () => {
    lost?.(new RocketMQError('STORE', 'EIO'));
    clock.advance(5000);
    expect(written).toEqual(['two', 'two']);
  });

  it('is durable after it was closed, and not tried again', () => {
    full = true;
    file.persist('three');
    file.close();
    expect(synced).toBe(2);
    lost?.(new RocketMQError('STORE', 'EIO'));
    expect(clock.pending).toBe(0);
    expect(file.load()).toBe('loaded');
  });
});
