import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from './command-line.ts';

const NOTHING = { help: false, printConfig: false, configFile: undefined };

describe('the options of mqnamesrv', () => {
  it('are those of Java, short and long', () => {
    expect(parseCommandLine([])).toEqual(NOTHING);
    expect(parseCommandLine(['-c', 'a.conf', '-p'])).toEqual({
      ...NOTHING,
      configFile: 'a.conf',
      printConfig: true,
    });
    expect(parseCommandLine(['--configFile', 'a.conf', '--printConfigItem'])).toEqual(
      parseCommandLine(['-c', 'a.conf', '-p']),
    );
    expect(parseCommandLine(['-h']).help).toBe(true);
    expect(parseCommandLine(['-n', '127.0.0.1:9876'])).toEqual(NOTHING);
  });

  it('are named when they are unknown or lack their value', () => {
    expect(() => parseCommandLine(['-x'])).toThrow('-x is not an option. See mqnamesrv -h');
    expect(() => parseCommandLine(['-c'])).toThrow('-c needs a value');
  });
});
