import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Below the range that the kernel gives to outgoing connections: none of those can take a chosen port meanwhile. */
const FIRST_PORT = 12_000;
const PORTS = 18_000;

/** A port that is free, with its two neighbours: a broker also takes `port - 2` and `port + 1`. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if ((await isFree(port)) && (await isFree(port - 2)) && (await isFree(port + 1))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** Our NameServer in a process of its own, by its bin. */
export async function startNameServer(folder: string, port: number): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, 'namesrv.conf');
  writeFileSync(
    conf,
    `listenPort=${port}\nkvConfigPath=${folder}/kvConfig.json\nconfigStorePath=${folder}/namesrv.properties\n`,
  );
  return ServerProcess.start({
    command: process.execPath,
    args: [join(root, 'apps/namesrv/bin/mqnamesrv.js'), '-c', conf],
    ready: /boot success/,
  });
}

export interface BrokerProcessOptions {
  folder: string;
  port: number;
  nameServer?: string;
  /** More lines of broker.conf. */
  config?: Record<string, string | number | boolean>;
  env?: Record<string, string>;
}

/** Our broker in a process of its own, by its bin; its store lies in `folder/store`. */
export async function startBroker(options: BrokerProcessOptions): Promise<ServerProcess> {
  mkdirSync(options.folder, { recursive: true });
  const config = {
    brokerName: 'broker-a',
    listenPort: options.port,
    storePathRootDir: join(options.folder, 'store'),
    ...options.config,
  };
  const conf = join(options.folder, 'broker.conf');
  const lines = Object.entries(config).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(conf, lines.join(''));
  const nameServer = options.nameServer ? ['-n', options.nameServer] : [];
  return ServerProcess.start({
    command: process.execPath,
    args: [join(root, 'apps/broker/bin/mqbroker.js'), '-c', conf, ...nameServer],
    ...(options.env && { env: options.env }),
    ready: /boot success/,
  });
}
