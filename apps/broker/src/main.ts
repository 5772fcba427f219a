import {
  Broker,
  brokerConfig,
  ignoredSettings,
  printBrokerConfig,
  readBrokerConfigFile,
  type BrokerConfigSources,
} from '@nest-rocketmq/broker';
import { parseCommandLine, USAGE, type CommandLine } from './command-line.ts';
import { stderrLogger } from './stderr-logger.ts';

/** Runs the command (BrokerStartup). What goes wrong before it serves is one line on stderr and an exit code of 1. */
async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    process.stdout.write(USAGE);
    return;
  }
  const sources = sourcesOf(commandLine);
  const config = brokerConfig(sources);
  if (commandLine.print !== undefined) {
    process.stdout.write(`${printBrokerConfig(sources, commandLine.print).join('\n')}\n`);
    return;
  }
  for (const key of ignoredSettings(sources))
    stderrLogger.warn(`${key} is set, but means nothing to this broker`);
  const broker = new Broker(config, { logger: stderrLogger, exit: fail });
  stopOnSignals(broker);
  await broker.start();
  const namesrv = config.namesrvAddr === '' ? '' : ` and name server is ${config.namesrvAddr}`;
  process.stdout.write(
    `The broker[${config.brokerName}, ${broker.address}] boot success. serializeType=JSON${namesrv}\n`,
  );
}

function sourcesOf({ configFile, namesrvAddr }: CommandLine): BrokerConfigSources {
  const { file, overrides } = configFile === undefined ? {} : readBrokerConfigFile(configFile);
  return {
    file,
    environment: process.env,
    overrides: { ...overrides, ...(namesrvAddr !== undefined && { namesrvAddr }) },
  };
}

/** SIGTERM and SIGINT stop the broker; a second one does not wait. */
function stopOnSignals(broker: Broker): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    broker.shutdown().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): never {
  process.stderr.write(`mqbroker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
