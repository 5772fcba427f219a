import {
  readIfThere,
  scheduleEvery,
  silentLogger,
  systemClock,
  writeWhole,
  type Clock,
  type Logger,
  type Scheduled,
} from '@nest-rocketmq/runtime';
import { RemotingServer, tlsClientConfig, tlsServerConfig } from '@nest-rocketmq/remoting';
import { mergeProperties, type TopicRouteData } from '@nest-rocketmq/protocol';
import { changedConfig, namesrvConfig, type NamesrvConfig } from './config/namesrv-config.ts';
import { KvConfigManager, ORDER_TOPIC_CONFIG } from './kv/kv-config-manager.ts';
import { MinBrokerIdNotifier } from './min-broker-id-notifier.ts';
import type { NamesrvContext } from './namesrv-context.ts';
import { registerProcessors } from './processors/index.ts';
import { RouteCache } from './route/route-cache.ts';
import { RouteInfoManager } from './route/route-info-manager.ts';

const FIRST_SCAN_MS = 5000;

/**
 * A RocketMQ NameServer: brokers register with it, clients ask it where topics live (NamesrvController). Any RocketMQ
 * 4.x or 5.x broker and client can use it.
 */
export class NameServer implements NamesrvContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly routes: RouteInfoManager;
  readonly routeCache: RouteCache;
  readonly kvConfig: KvConfigManager;
  readonly #server: RemotingServer;
  readonly #notifier: MinBrokerIdNotifier;
  #config: NamesrvConfig;
  #address: string;
  #bootTimestamp = 0;
  #scan: Scheduled | undefined;
  #shutdown: Promise<void> | undefined;

  /**
   * @param config what differs from the defaults; `listenPort: 0` takes a free port
   * @throws RocketMQError `INVALID_CONFIG` when an option is unknown or wrong
   */
  constructor(config: Partial<NamesrvConfig> = {}, parts: { clock?: Clock; logger?: Logger } = {}) {
    this.#config = namesrvConfig({ overrides: config });
    this.clock = parts.clock ?? systemClock;
    this.logger = parts.logger ?? silentLogger;
    this.#address = `${this.#config.bindAddress}:${this.#config.listenPort}`;
    this.#notifier = new MinBrokerIdNotifier(this.logger, tlsClientConfig(this.#config));
    this.routeCache = new RouteCache((topic) => this.#route(topic));
    this.routes = new RouteInfoManager(() => this.#config, {
      clock: this.clock,
      logger: this.logger,
      onRouteChange: (topic) => this.routeCache.invalidate(topic),
      onMinBrokerIdChange: (change) => this.#notifier.notify(change),
    });
    this.kvConfig = new KvConfigManager(this.#config.kvConfigPath);
    this.#server = new RemotingServer({
      host: this.#config.bindAddress,
      port: this.#config.listenPort,
      clock: this.clock,
      logger: this.logger,
      tls: tlsServerConfig(this.#config),
      limits: { idleMs: this.#config.serverChannelMaxIdleTimeSeconds * 1000 },
    });
    registerProcessors(this.#server, this);
    this.#server.onDisconnect((connection) => this.routes.connectionClosed(connection));
  }

  /**
   * Reads what was kept and listens.
   * @throws RocketMQError `INVALID_CONFIG` when a file cannot be read or the port is taken
   */
  async start(): Promise<void> {
    this.kvConfig.load();
    const { host, port } = await this.#server.listen();
    this.#address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#bootTimestamp = this.clock.now();
    this.#scan = scheduleEvery(this.clock, FIRST_SCAN_MS, this.#config.scanNotActiveBrokerInterval, () =>
      this.routes.expireSilentBrokers(),
    );
    this.logger.info(`The Name Server listens on ${this.#address}`);
  }

  /** Closes all connections and stops listening. May be called twice. */
  shutdown(): Promise<void> {
    this.#scan?.cancel();
    this.#shutdown ??= Promise.all([this.#server.close(), this.#notifier.close()]).then(() => {});
    return this.#shutdown;
  }

  /** `host:port` that it listens on, once started. */
  get address(): string {
    return this.#address;
  }

  /** The configuration as it is now. */
  get config(): NamesrvConfig {
    return this.#config;
  }

  /** When it began to listen, in milliseconds since the epoch. */
  get bootTimestamp(): number {
    return this.#bootTimestamp;
  }

  /** Changes keys while running and keeps them in `configStorePath`; see `NamesrvContext.changeConfig`. */
  changeConfig(changes: ReadonlyMap<string, string>): void {
    const changed = changedConfig(this.#config, changes);
    const path = this.#config.configStorePath;
    writeWhole(path, mergeProperties(readIfThere(path) ?? '', changes));
    this.#config = changed;
    this.routeCache.invalidate();
  }

  #route(topic: string): TopicRouteData | undefined {
    const route = this.routes.route(topic);
    if (!route || !this.#config.orderMessageEnable) return route;
    const orderTopicConf = this.kvConfig.get(ORDER_TOPIC_CONFIG, topic);
    return orderTopicConf === undefined ? route : { ...route, orderTopicConf };
  }
}
