import { parseCommandLine, USAGE } from './command-line.ts';

describe('the options of mqbroker', () => {
  it("are RocketMQ's", () => {
    expect(parseCommandLine([])).toEqual({
      help: false,
      print: undefined,
      configFile: undefined,
      namesrvAddr: undefined,
    });
    expect(parseCommandLine(['-n', 'a:1;b:2', '-c', 'broker.conf'])).toMatchObject({
      namesrvAddr: 'a:1;b:2',
      configFile: 'broker.conf',
    });
    expect(parseCommandLine(['--namesrvAddr', 'a:1', '--configFile', 'f'])).toMatchObject({
      namesrvAddr: 'a:1',
      configFile: 'f',
    });
    expect(parseCommandLine(['-p']).print).toBe('all');
    expect(parseCommandLine(['-m']).print).toBe('important');
    expect(parseCommandLine(['-h']).help).toBe(true);
  });

  it.each([[['-x']], [['-c']], [['-n']], [['broker.conf']]])('are refused when wrong: %j', (options) => {
    expect(() => parseCommandLine(options)).toThrow(/mqbroker -h/);
  });

  it('are all in the usage', () => {
    for (const option of ['-c', '-h', '-m', '-n', '-p']) expect(USAGE).toContain(` ${option},`);
  });
});
