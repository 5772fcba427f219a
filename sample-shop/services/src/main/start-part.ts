import type { AddressInfo, Server } from 'node:net';
import type { INestApplicationContext, LoggerService, LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { configureWeb } from '../common/http/configure-web.ts';
import type { PartName, ServiceName, WebName } from '../common/settings/service-name.ts';
import type { Address, ShopSettings } from '../common/settings/settings.ts';
import { SERVICE_MODULES, WEB_MODULES } from './modules.ts';

/** A part that runs. */
export interface RunningPart {
  readonly name: PartName;
  readonly app: INestApplicationContext;
  /** Where it listens. */
  readonly address: Address;
}

/** Where a part's log goes. */
export type ShopLogger = LoggerService | LogLevel[] | false;

/** Starts a service: it answers by RPC, and its listeners run. @throws what stops the boot */
export async function startService(
  name: ServiceName,
  settings: ShopSettings,
  logger: ShopLogger,
): Promise<RunningPart> {
  const { host, port } = settings.rpc[name];
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(SERVICE_MODULES[name](settings), {
    transport: Transport.TCP,
    options: { host, port },
    logger,
    abortOnError: false,
  });
  await app.listen();
  const bound = app.unwrap<Server>().address() as AddressInfo;
  return { name, app, address: { host, port: bound.port } };
}

const TITLES: Record<WebName, string> = {
  'order-web': 'Orders of the sample shop',
  'pay-web': 'Payments of the sample shop',
};

/** Starts an HTTP front end. @throws what stops the boot: the port is taken, say */
export async function startWeb(
  name: WebName,
  settings: ShopSettings,
  logger: ShopLogger,
): Promise<RunningPart> {
  const app = await NestFactory.create(WEB_MODULES[name](settings), { logger, abortOnError: false });
  configureWeb(app, name, TITLES[name]);
  await app.listen(name === 'order-web' ? settings.orderWebPort : settings.payWebPort, settings.host);
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { name, app, address: { host: settings.host, port } };
}
