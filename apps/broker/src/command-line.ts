import { RocketMQError } from '@nest-rocketmq/runtime';

/** What mqbroker was asked for. */
export interface CommandLine {
  help: boolean;
  /** Print the configuration and exit: everything, or what tells one broker from another. */
  print: 'all' | 'important' | undefined;
  configFile: string | undefined;
  namesrvAddr: string | undefined;
}

export const USAGE = `usage: mqbroker [-c <file>] [-h] [-m] [-n <host:port;host:port>] [-p]
 -c,--configFile <file>       Broker config properties file
 -h,--help                    Print help
 -m,--printImportantConfig    Print important configuration items and exit
 -n,--namesrvAddr <address>   Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'
 -p,--printConfigItem         Print all configuration items and exit
`;

/**
 * Reads the options of mqbroker (BrokerStartup.buildCommandlineOptions).
 * @throws RocketMQError `INVALID_CONFIG` when one is not known or lacks its value
 */
export function parseCommandLine(options: readonly string[]): CommandLine {
  const result: CommandLine = {
    help: false,
    print: undefined,
    configFile: undefined,
    namesrvAddr: undefined,
  };
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? '';
    const value = (): string => {
      const next = options[++i];
      if (next === undefined) {
        throw new RocketMQError('INVALID_CONFIG', `${option} needs a value. See mqbroker -h`);
      }
      return next;
    };
    if (option === '-h' || option === '--help') result.help = true;
    else if (option === '-p' || option === '--printConfigItem') result.print = 'all';
    else if (option === '-m' || option === '--printImportantConfig') result.print = 'important';
    else if (option === '-c' || option === '--configFile') result.configFile = value();
    else if (option === '-n' || option === '--namesrvAddr') result.namesrvAddr = value();
    else throw new RocketMQError('INVALID_CONFIG', `${option} is not an option. See mqbroker -h`);
  }
  return result;
}
