import { parseArgs } from 'node:util';
import { Logger, type LogLevel } from '@nestjs/common';
import { HealthOfService } from '../common/health/service-health.ts';
import { createTopics } from '../common/messaging/create-topics.ts';
import { startManagement } from '../common/operations/management.ts';
import { isPart, PARTS, SERVICES, type PartName, type ServiceName } from '../common/settings/service-name.ts';
import { readSettings, type ShopSettings } from '../common/settings/settings.ts';
import { Shop } from './shop.ts';
import { startService, startWeb } from './start-part.ts';

/** What to do about what the operating system says. RocketMQ's errors say it themselves. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Stop who has it, or set SHOP_ORDER_WEB_PORT, SHOP_PAY_WEB_PORT or SHOP_RPC_...',
  ECONNREFUSED: 'Start the database, or say in SHOP_DATABASE_URL where it is',
  ENOTFOUND: 'Say in SHOP_DATABASE_URL where the database is',
};

/**
 * The command: without arguments the whole shop in this process; with the name of a part, that part alone. `--demo` is short for
 * SHOP_DEMO=true and SHOP_FAILURE_SWITCHES=true.
 */
async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { demo: { type: 'boolean', default: false } },
  });
  const given = readSettings(process.env);
  const settings = values.demo ? { ...given, demonstration: true, failureSwitches: true } : given;
  const [part] = positionals;
  if (part === undefined) return runShop(settings);
  if (!isPart(part) || positionals.length > 1)
    throw new Error(
      `shop [part] [--demo]: the parts are ${PARTS.join(', ')}; without one all run in this process`,
    );
  await runPart(part, settings);
}

async function runShop(settings: ShopSettings): Promise<void> {
  const shop = await Shop.start(settings);
  stopOnSignal(() => shop.close());
  const { databaseUrl, nameServer, dataDirectory } = settings;
  const where = (given: string | undefined, what: string): string =>
    given === undefined ? `${what} in this process, files in ${dataDirectory}` : what;
  console.log(`database  ${where(databaseUrl, 'PostgreSQL')}`);
  console.log(`RocketMQ  ${where(nameServer, `NameServer ${shop.settings.nameServer}`)}`);
  console.log(`OpenAPI   ${shop.url}/order-web/docs and ${shop.payUrl}/pay-web/docs`);
  console.log(`The shop is open: ${shop.url}/`);
}

async function runPart(name: PartName, settings: ShopSettings): Promise<void> {
  const logger: LogLevel[] = ['error', 'warn', 'log'];
  if (!isService(name)) {
    const { app, address } = await startWeb(name, settings, logger);
    stopOnSignal(() => app.close());
    console.log(`${name} is ready at ${address.host}:${address.port}`);
    return;
  }
  if (settings.databaseUrl === undefined) throw new Error(`${name} needs SHOP_DATABASE_URL`);
  if (settings.nameServer === undefined) throw new Error(`${name} needs SHOP_NAME_SERVER`);
  await createTopics(settings.nameServer);
  const { app, address } = await startService(name, settings, logger);
  const { managementPort, host } = settings;
  const health = app.get(HealthOfService);
  const management =
    managementPort === undefined
      ? undefined
      : await startManagement(host, managementPort, () => health.check(name));
  stopOnSignal(async () => {
    await management?.close();
    await app.close();
  });
  console.log(`${name} is ready at ${address.host}:${address.port}`);
}

function isService(name: PartName): name is ServiceName {
  return (SERVICES as readonly string[]).includes(name);
}

/** What is being done is done, then the process ends; a second signal ends it at once. */
function stopOnSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          new Logger('shop').error(error);
          process.exit(1);
        },
      );
    });
  }
}

run(process.argv.slice(2)).catch((error: Error) => {
  const { code } = error as NodeJS.ErrnoException;
  const advice = code === undefined ? undefined : ADVICE[code];
  console.error(advice === undefined ? error.message : `${error.message}. ${advice}`);
  process.exit(1);
});
