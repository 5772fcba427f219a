import { join, resolve } from 'node:path';
import type { Clock, Logger } from '@nest-rocketmq/runtime';
import { NameServer } from '@nest-rocketmq/namesrv';
import { Broker, type BrokerConfig } from '@nest-rocketmq/broker';
import { temporaryDirectory } from './temporary-directory.ts';

/** How a cluster in this process is set up. */
export interface EmbeddedClusterOptions {
  /** Where the NameServer and the broker keep their files; relative to the working directory. Default `.rocketmq`. */
  storePath?: string | undefined;
  /** Default: free ones. A broker port given also takes the port two below it, as `mqbroker` does. */
  ports?: { namesrv?: number | undefined; broker?: number | undefined } | undefined;
  /** The time of connections and clients. */
  clock?: Clock | undefined;
  /** The time at which messages are stored and delayed ones delivered. Default: `clock`. */
  storeClock?: Clock | undefined;
  /** Default: silent. */
  logger?: Logger | undefined;
  /** Further settings of the broker, with RocketMQ's names. */
  broker?: Partial<BrokerConfig> | undefined;
}

/**
 * A NameServer and a broker in this process, on loopback: RocketMQ for development and tests. Clients reach them over TCP
 * like any other cluster, also from other processes.
 */
export class EmbeddedCluster {
  /** `host:port` of the NameServer: what clients are given. */
  readonly nameServer: string;
  /** `host:port` of the broker. */
  readonly brokerAddress: string;
  /** The absolute path of the files. */
  readonly storePath: string;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(
    nameServer: string,
    brokerAddress: string,
    storePath: string,
    close: () => Promise<void>,
  ) {
    this.nameServer = nameServer;
    this.brokerAddress = brokerAddress;
    this.storePath = storePath;
    this.#close = close;
  }

  /**
   * Starts both, on the files that are there: what was not consumed comes again.
   * @throws RocketMQError `STORE` when another process uses the directory, `INVALID_CONFIG` when a port is taken or a
   *   setting is wrong; nothing is left running then
   */
  static async start(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    const storePath = resolve(options.storePath ?? '.rocketmq');
    const { clock, storeClock, logger, ports, broker: brokerOptions } = options;
    const nameServer = new NameServer(
      {
        listenPort: ports?.namesrv ?? 0,
        kvConfigPath: join(storePath, 'namesrv', 'kvConfig.json'),
        configStorePath: join(storePath, 'namesrv', 'namesrv.properties'),
      },
      { ...(clock && { clock }), ...(logger && { logger }) },
    );
    let broker: Broker | undefined;
    const close = async (): Promise<void> => {
      await broker?.shutdown();
      await nameServer.shutdown();
    };
    try {
      await nameServer.start();
      broker = new Broker(
        {
          brokerName: 'broker-a',
          listenPort: ports?.broker ?? 0,
          storePathRootDir: join(storePath, 'store'),
          // Off as RocketMQ ships: an application that filters by SQL92 or recalls messages shall find here what its cluster has to have.
          enablePropertyFilter: true,
          recallMessageEnable: true,
          ...brokerOptions,
          namesrvAddr: nameServer.address,
        },
        { clock, storeClock, logger },
      );
      await broker.start();
    } catch (error) {
      await close();
      throw error;
    }
    return new EmbeddedCluster(nameServer.address, broker.address, storePath, close);
  }

  /** As {@link start}, in a directory of its own that {@link shutdown} removes. */
  static async startTemporary(
    options: Omit<EmbeddedClusterOptions, 'storePath'> = {},
  ): Promise<EmbeddedCluster> {
    const directory = await temporaryDirectory();
    try {
      const cluster = await EmbeddedCluster.start({ ...options, storePath: directory.path });
      const { nameServer, brokerAddress, storePath } = cluster;
      return new EmbeddedCluster(nameServer, brokerAddress, storePath, async () => {
        await cluster.shutdown();
        await directory.remove();
      });
    } catch (error) {
      await directory.remove();
      throw error;
    }
  }

  /** Stops the broker, which writes everything, then the NameServer. May be called twice. */
  shutdown(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** As {@link shutdown}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
