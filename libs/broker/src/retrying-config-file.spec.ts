import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { RetryingConfigFile } from './retrying-config-file.ts';

describe('a configuration file on a full disk', () => {
  const written: unknown[] = [];
  const errors: string[] = [];
  const clock = new ManualClock();
  let full = true;
  const file = new RetryingConfigFile(
    'topics.json',
    {
      load: () => 'loaded',
      persist(value) {
        if (full) throw new Error('ENOSPC');
        written.push(value);
      },
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

  it('is not tried again after it was closed', () => {
    full = true;
    file.persist('three');
    file.close();
    expect(clock.pending).toBe(0);
    expect(file.load()).toBe('loaded');
  });
});
