import {
  NameServer,
  namesrvConfig,
  printNamesrvConfig,
  readNamesrvConfigFile,
  type NamesrvConfigSources,
} from '@nest-rocketmq/namesrv';
import { parseCommandLine, USAGE } from './command-line.ts';
import { stderrLogger } from './stderr-logger.ts';

/** Runs the command (NamesrvStartup). What goes wrong before it serves is one line on stderr and an exit code of 1. */
async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    process.stdout.write(USAGE);
    return;
  }
  const sources: NamesrvConfigSources = {
    ...(commandLine.configFile === undefined ? {} : readNamesrvConfigFile(commandLine.configFile)),
    environment: process.env,
  };
  const config = namesrvConfig(sources);
  if (commandLine.printConfig) {
    process.stdout.write(`${printNamesrvConfig(sources).join('\n')}\n`);
    return;
  }
  const nameServer = new NameServer(config, { logger: stderrLogger });
  await nameServer.start();
  process.stdout.write(`The Name Server boot success. serializeType=JSON, address ${nameServer.address}\n`);
  stopOnSignals(nameServer);
}

/** SIGTERM and SIGINT stop the NameServer; a second one does not wait. */
function stopOnSignals(nameServer: NameServer): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    nameServer.shutdown().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): never {
  process.stderr.write(`mqnamesrv: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
