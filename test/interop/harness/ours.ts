import { join } from 'node:path';
import { freePort, startBroker, startNameServer } from '../../support/our-servers.ts';
import { temporaryDirectory } from './java-home.ts';
import { Server, type BrokerProperties } from './server.ts';

/** Our NameServer, by its command, as a user starts it. */
export async function ourNameServer(): Promise<Server> {
  const directory = temporaryDirectory('namesrv');
  const port = await freePort();
  return new Server(`127.0.0.1:${port}`, await startNameServer(directory, port), directory);
}

/** Our broker, by its command. */
export async function ourBroker(
  nameServer: string,
  storePath: string,
  properties: BrokerProperties = {},
): Promise<Server> {
  const folder = temporaryDirectory('broker');
  const port = await freePort();
  const config = {
    brokerIP1: '127.0.0.1',
    storePathRootDir: storePath,
    storePathCommitLog: join(storePath, 'commitlog'),
    ...properties,
  };
  return new Server(`127.0.0.1:${port}`, await startBroker({ folder, port, nameServer, config }), folder);
}
