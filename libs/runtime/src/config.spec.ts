import { describe, expect, it } from '@jest/globals';
import { configure, environmentVariable, RocketMQError } from './index.ts';

const defaults = {
  brokerName: 'a',
  listenPort: 10911,
  ratio: 0.8,
  traceOn: true,
  flushDiskType: 'ASYNC_FLUSH',
  namesrvAddr: '',
};

function problem(sources: Omit<Parameters<typeof configure<typeof defaults>>[0], 'defaults'>): RocketMQError {
  try {
    configure({ defaults, ...sources });
  } catch (error) {
    if (error instanceof RocketMQError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const file = (entries: Record<string, string>): { path: string; properties: Map<string, string> } => ({
  path: 'broker.conf',
  properties: new Map(Object.entries(entries)),
});

/** Options as JavaScript or JSON may hand them over. */
const untyped = (options: Record<string, unknown>): Partial<typeof defaults> =>
  options as Partial<typeof defaults>;

describe('configure', () => {
  it('lets the command line win over the environment, that over the file, and that over the defaults', () => {
    const sources = {
      defaults,
      file: file({ listenPort: '1', brokerName: 'file', traceOn: 'FALSE', ratio: '0.5' }),
      environment: { ROCKETMQ_LISTEN_PORT: '2', ROCKETMQ_BROKER_NAME: 'environment' },
      overrides: { listenPort: 3 },
    };
    expect(configure(sources)).toEqual({
      ...defaults,
      listenPort: 3,
      brokerName: 'environment',
      traceOn: false,
      ratio: 0.5,
    });
  });

  it('leaves the defaults as they are', () => {
    configure({ defaults, overrides: { listenPort: 1 } });
    expect(defaults.listenPort).toBe(10911);
  });

  it('names file, wrong key and the nearest known key', () => {
    const error = problem({ file: file({ listenPrt: '1' }) });
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toBe('broker.conf: listenPrt is not known. Did you mean listenPort?');
  });

  it('suggests nothing when no key is near', () => {
    expect(problem({ file: file({ colour: 'red' }) }).message).toBe('broker.conf: colour is not known');
  });

  it('does not take keys of Object for known', () => {
    expect(problem({ file: file({ constructor: '1' }) }).message).toContain('is not known');
    expect(problem({ file: file({ ['__proto__x']: '1' }) }).message).toContain('is not known');
  });

  it.each([['12a'], [''], ['1.5'], ['0x10'], ['99999999999999999'], ['NaN']])(
    'refuses %j as a whole number',
    (text) => {
      expect(problem({ file: file({ listenPort: text }) }).message).toContain(
        'listenPort must be a whole number',
      );
    },
  );

  it('takes numbers and booleans with blanks around them', () => {
    expect(configure({ defaults, file: file({ listenPort: ' 48 ', traceOn: 'false ' }) })).toMatchObject({
      listenPort: 48,
      traceOn: false,
    });
  });

  it('refuses what is not a boolean', () => {
    expect(problem({ file: file({ traceOn: 'yes' }) }).message).toBe(
      'broker.conf: traceOn must be true or false, not "yes"',
    );
  });

  it('refuses a value of another type in the options', () => {
    expect(problem({ overrides: untyped({ traceOn: 1 }) }).message).toBe(
      'the options: traceOn must be a boolean',
    );
    expect(problem({ overrides: untyped({ listenPrt: 1 }) }).message).toContain('Did you mean listenPort?');
  });

  it('ignores options that are undefined', () => {
    expect(configure({ defaults, overrides: { listenPort: undefined } })).toEqual(defaults);
  });

  it('keeps to the choices and ranges of a key', () => {
    const choices = { flushDiskType: ['ASYNC_FLUSH', 'SYNC_FLUSH'] };
    expect(problem({ choices, file: file({ flushDiskType: 'NEVER' }) }).message).toBe(
      'broker.conf: flushDiskType must be one of ASYNC_FLUSH, SYNC_FLUSH, not "NEVER"',
    );
    expect(
      problem({ ranges: { listenPort: [0, 65_535] }, file: file({ listenPort: '65536' }) }).message,
    ).toContain('listenPort must be between 0 and 65535, not 65536');
  });

  it('reads NAMESRV_ADDR as Java does, and its own variable first of all', () => {
    expect(configure({ defaults, environment: { NAMESRV_ADDR: 'a:1' } }).namesrvAddr).toBe('a:1');
    const both = { NAMESRV_ADDR: 'a:1', ROCKETMQ_NAMESRV_ADDR: 'b:1' };
    expect(configure({ defaults, environment: both }).namesrvAddr).toBe('b:1');
  });

  it('names the variable of a wrong value in the environment', () => {
    expect(problem({ environment: { ROCKETMQ_LISTEN_PORT: 'x' } }).message).toContain(
      '(ROCKETMQ_LISTEN_PORT)',
    );
  });

  it('escapes what a file may have put into a key', () => {
    expect(problem({ file: file({ 'a\u001b[2J': '1' }) }).message).toContain('a\\x1b[2J');
  });
});

describe('environmentVariable', () => {
  it.each([
    ['brokerIP1', 'ROCKETMQ_BROKER_IP1'],
    ['storePathRootDir', 'ROCKETMQ_STORE_PATH_ROOT_DIR'],
    ['checkCRCOnRecover', 'ROCKETMQ_CHECK_CRC_ON_RECOVER'],
    ['kvConfigPath', 'ROCKETMQ_KV_CONFIG_PATH'],
  ])('%s is %s', (key, variable) => {
    expect(environmentVariable(key)).toBe(variable);
  });
});
