import type { ServerProcess } from '../../support/server-process.ts';
import { removeDirectory } from './java-home.ts';

/** Keys of broker.conf. */
export type BrokerProperties = Record<string, string | number | boolean>;

/** How a broker of either make is started: `storePath` outlives the process. */
export type StartBroker = (
  nameServer: string,
  storePath: string,
  properties?: BrokerProperties,
) => Promise<Server>;

/** A NameServer or a broker in a process of its own, ours or Apache's. */
export class Server {
  /** `ip:port`. */
  readonly address: string;
  readonly process: ServerProcess;
  private readonly directory: string;

  /** `directory` holds what only this process needs, and goes with it. */
  constructor(address: string, process: ServerProcess, directory: string) {
    this.address = address;
    this.process = process;
    this.directory = directory;
  }

  /** A clean stop: SIGTERM, and all that it writes last. */
  async stop(): Promise<void> {
    await this.process.stop(60_000);
    removeDirectory(this.directory);
  }

  /** `kill -9`: also how a test ends one quickly that is not needed any more. */
  async kill(): Promise<void> {
    await this.process.kill();
    removeDirectory(this.directory);
  }
}
