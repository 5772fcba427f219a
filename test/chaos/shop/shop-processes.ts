import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS, type PartName } from '@sample-shop/services';
import { freePort, startBroker, startNameServer } from '../../support/our-servers.ts';
import { ServerProcess } from '../../support/server-process.ts';

const SHOP = fileURLToPath(new URL('../../../sample-shop/services/bin/shop.js', import.meta.url));

/** Everything that can be killed, by its name. */
export type Victim = PartName | 'broker';
export const VICTIMS: readonly Victim[] = [...PARTS, 'broker'];

/** On a machine that is busy with everything else. */
const LONGEST_START_MS = 300_000;
/** Times that a test can wait for. */
const QUICKLY = {
  SHOP_UNPAID_TIMEOUT: '4s',
  SHOP_UNCONFIRMED_TIMEOUT: '5s',
  SHOP_SWEEP_INTERVAL: '1s',
  SHOP_TAKEOVER_TIMEOUT: '5s',
  SHOP_RPC_TIMEOUT: '3s',
};
const BROKER = {
  messageDelayLevel: '1s 2s 1s 2s 2s 3s 3s 3s 4s 4s 5s 5s 5s 5s 5s 5s 5s 5s',
  transactionTimeOut: 1000,
  transactionCheckInterval: 1000,
};

/** The shop as it runs in production: a process for each part, a NameServer and a broker beside them. */
export class ShopProcesses {
  readonly #folder: string;
  readonly #environment: Record<string, string>;
  readonly #ports: Record<string, number>;
  readonly #running = new Map<Victim, ServerProcess>();
  #nameServer: ServerProcess | undefined;

  private constructor(folder: string, environment: Record<string, string>, ports: Record<string, number>) {
    this.#folder = folder;
    this.#environment = environment;
    this.#ports = ports;
  }

  static async start(folder: string, databaseUrl: string): Promise<ShopProcesses> {
    const ports: Record<string, number> = {};
    for (const name of [...VICTIMS, 'name-server']) ports[name] = await freePort();
    const environment: Record<string, string> = {
      ...QUICKLY,
      SHOP_DATABASE_URL: databaseUrl,
      SHOP_NAME_SERVER: `127.0.0.1:${ports['name-server']}`,
      SHOP_ORDER_WEB_PORT: String(ports['order-web']),
      SHOP_PAY_WEB_PORT: String(ports['pay-web']),
      SHOP_DEMO: 'true',
    };
    for (const part of PARTS) {
      if (part.endsWith('-service'))
        environment[`SHOP_RPC_${part.toUpperCase().replace('-', '_')}`] = `127.0.0.1:${ports[part]}`;
    }
    const processes = new ShopProcesses(folder, environment, ports);
    try {
      processes.#nameServer = await startNameServer(join(folder, 'name-server'), ports['name-server'] ?? 0);
      await processes.restart('broker');
      const [first, ...others] = PARTS;
      // It creates the topics.
      await processes.restart(first);
      await Promise.all(others.map((part) => processes.restart(part)));
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return processes;
  }

  get orderWeb(): string {
    return `http://127.0.0.1:${this.#ports['order-web']}/order-web`;
  }

  get payWeb(): string {
    return `http://127.0.0.1:${this.#ports['pay-web']}/pay-web`;
  }

  /** kill -9. */
  async kill(victim: Victim): Promise<void> {
    await this.#running.get(victim)?.kill();
  }

  /** Starts what does not run, and waits until it serves. */
  async restart(victim: Victim): Promise<void> {
    this.#running.set(
      victim,
      victim === 'broker' ? await this.#startBroker() : await this.#startPart(victim),
    );
  }

  /** The last words of what has ended, and was not killed. */
  get ended(): string[] {
    return [...this.#running]
      .filter(([, process]) => !process.running)
      .map(([victim, { output }]) => `${victim}: ${output.slice(-2000)}`);
  }

  /** Kills everything. */
  async stop(): Promise<void> {
    for (const process of this.#running.values()) await process.kill();
    await this.#nameServer?.kill();
  }

  #startBroker(): Promise<ServerProcess> {
    return startBroker({
      folder: join(this.#folder, 'broker'),
      port: this.#ports['broker'] ?? 0,
      nameServer: this.#environment['SHOP_NAME_SERVER'] ?? '',
      config: { ...BROKER, mappedFileSizeCommitLog: 16 * 1024 * 1024 },
    });
  }

  #startPart(part: PartName): Promise<ServerProcess> {
    return ServerProcess.start({
      command: process.execPath,
      args: [SHOP, part],
      env: this.#environment,
      ready: new RegExp(`^${part} is ready`, 'm'),
      timeoutMs: LONGEST_START_MS,
    });
  }
}
