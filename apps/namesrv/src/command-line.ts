import { RocketMQError } from '@nest-rocketmq/runtime';

/** What mqnamesrv was asked for. */
export interface CommandLine {
  help: boolean;
  printConfig: boolean;
  configFile: string | undefined;
}

export const USAGE = `usage: mqnamesrv [-c <file>] [-h] [-n <host:port>] [-p]
 -c,--configFile <file>       Name server config properties file
 -h,--help                    Print help
 -n,--namesrvAddr <address>   Accepted as all of RocketMQ's commands do; a NameServer has no use for it
 -p,--printConfigItem         Print all configuration items and exit
`;

/**
 * Reads the options of mqnamesrv (ServerUtil.buildCommandlineOptions).
 * @throws RocketMQError `INVALID_CONFIG` when one is not known or lacks its value
 */
export function parseCommandLine(options: readonly string[]): CommandLine {
  const result: CommandLine = { help: false, printConfig: false, configFile: undefined };
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? '';
    const value = (): string => {
      const next = options[++i];
      if (next === undefined)
        throw new RocketMQError('INVALID_CONFIG', `${option} needs a value. See mqnamesrv -h`);
      return next;
    };
    if (option === '-h' || option === '--help') result.help = true;
    else if (option === '-p' || option === '--printConfigItem') result.printConfig = true;
    else if (option === '-c' || option === '--configFile') result.configFile = value();
    else if (option === '-n' || option === '--namesrvAddr') value();
    else throw new RocketMQError('INVALID_CONFIG', `${option} is not an option. See mqnamesrv -h`);
  }
  return result;
}
