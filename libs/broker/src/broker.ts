import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import {
  readIfThere,
  RocketMQError,
  silentLogger,
  sleep,
  systemClock,
  writeWhole,
  type Clock,
  type Logger,
} from '@nest-rocketmq/runtime';
import { encodeHost, mergeProperties } from '@nest-rocketmq/protocol';
import { RemotingServer, Tick, tlsClientConfig, tlsServerConfig } from '@nest-rocketmq/remoting';
import { MessageStore, nodeFileSystem, type FileSystem, type StoreLock } from '@nest-rocketmq/store';
import type { AccessControl } from './acl/access-control.ts';
import { aclDirectory } from './acl/acl-directory.ts';
import type { BrokerContext } from './broker-context.ts';
import { ClientHousekeeping } from './client/client-housekeeping.ts';
import { ConsumerManager } from './client/consumer-manager.ts';
import { ProducerManager } from './client/producer-manager.ts';
import { QueueLocks } from './client/queue-locks.ts';
import { brokerConfig, type BrokerConfig } from './config/broker-config.ts';
import { changedConfig } from './config/changeable-keys.ts';
import { registerProcessors } from './processors/index.ts';
import { Pop } from './pop/pop.ts';
import { BacklogPulls } from './pull/backlog-pulls.ts';
import { HeldPulls } from './pull/held-pulls.ts';
import { BrokerRegistration } from './registration/broker-registration.ts';
import { Acknowledgements } from './send/acknowledgements.ts';
import { FastFailure } from './send/fast-failure.ts';
import { BrokerStats } from './stats/broker-stats.ts';
import { localSocketLock } from './store-lock.ts';
import { storeSettings } from './store-settings.ts';
import { Tables } from './tables.ts';
import { Transactions } from './transaction/transactions.ts';

/** What a broker stands on; all of it has a default. */
export interface BrokerParts {
  clock?: Clock | undefined;
  /**
   * The time at which messages are stored and delayed ones delivered. Default: `clock`. A test that moves it lets hours of
   * delay pass while connections and clients stay in the present.
   */
  storeClock?: Clock | undefined;
  logger?: Logger | undefined;
  /** Default: Node's. Another one is taken not to be shared, and is not locked. */
  fileSystem?: FileSystem | undefined;
  /** Default: {@link localSocketLock}. */
  lock?: StoreLock | undefined;
  /**
   * Called once when the store can't go on (a failed write or flush). Nothing is acknowledged from then on, so the process
   * should end. Default: the broker closes its connections.
   */
  exit?: ((error: RocketMQError) => void) | undefined;
}

type State = 'new' | 'starting' | 'running' | 'closed';

/** Java's sendThreadPoolQueueCapacity and pullThreadPoolQueueCapacity: what may wait before peers hear SYSTEM_BUSY. */
const SEND_CAPACITY = 10_000;
const PULL_CAPACITY = 100_000;
const HOLD_SCAN_MS = 5000;
/** How long a stop waits for the disk. */
const DRAIN_MS = 5000;
/** How long a start, and a group's first heartbeat, wait for the NameServers to answer. */
const REGISTER_PATIENCE_MS = 1000;
/** The second port Java's clients may use, below the first one (the VIP channel). */
const VIP_PORT_DISTANCE = 2;

/**
 * A RocketMQ broker (BrokerController): stores what producers send, serves consumers, and tells the NameServers what it
 * has. One process may hold several, each with its own store directory.
 *
 * It listens on `listenPort` (0: a free port) and, where that port is given, on the VIP port two below it, as Java's
 * broker does: a VIP port that is taken stops the start too, since clients with `vipChannelEnabled` would reach a
 * stranger there.
 */
export class Broker {
  readonly config: BrokerConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #parts: BrokerParts;
  readonly #tick = new Tick();
  readonly #closers: (() => void | Promise<void>)[] = [];
  #state: State = 'new';
  #context: (BrokerContext & { stopping: boolean }) | undefined;
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #registration: BrokerRegistration | undefined;
  #failed = false;

  /**
   * @param config what differs from the defaults
   * @throws RocketMQError `INVALID_CONFIG` naming the key
   */
  constructor(config: Partial<BrokerConfig> = {}, parts: BrokerParts = {}) {
    this.config = brokerConfig({ overrides: config });
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#logger = parts.logger ?? silentLogger;
    if (this.config.brokerRole === 'SLAVE') {
      throw new RocketMQError(
        'INVALID_CONFIG',
        'brokerRole=SLAVE is not supported: this broker does not replicate. Use ASYNC_MASTER',
      );
    }
  }

  /**
   * `host:port` as clients are told.
   * @throws RocketMQError `WRONG_STATE` before it has started
   */
  get address(): string {
    if (this.#context) return this.#context.address;
    throw new RocketMQError('WRONG_STATE', 'The broker has no address before it has started');
  }

  /**
   * Opens and recovers the store, listens, and registers at the NameServers. One that doesn't answer is tried again
   * later and doesn't hold up the start.
   * @throws RocketMQError `STORE` when the directory is locked or damaged, `INVALID_CONFIG` when a port is taken
   */
  async start(): Promise<void> {
    if (this.#state !== 'new')
      throw new RocketMQError('WRONG_STATE', `The broker is ${this.#state}: it can be started once`);
    this.#state = 'starting';
    this.#starting = this.#start();
    try {
      await this.#starting;
      if (this.#state === 'starting') this.#state = 'running';
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  /**
   * Takes itself off the NameServers, answers what is under way, writes everything, and closes. Calling it again waits for
   * the first call.
   */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    const { config } = this;
    const fileSystem = this.#parts.fileSystem ?? nodeFileSystem;
    const lock = this.#parts.lock ?? (fileSystem === nodeFileSystem ? localSocketLock() : undefined);
    const storeClock = this.#parts.storeClock ?? this.#clock;
    const base = { clock: this.#clock, logger: this.#logger, tick: this.#tick, fileSystem };
    const store = new MessageStore(storeSettings(config), {
      ...base,
      clock: storeClock,
      ...(lock && { lock }),
      onFatal: (error) => this.#onFatal(error),
    });
    const recovery = await store.load();
    this.#closers.push(() => store.shutdown());
    this.#logger.info(`Store ${config.storePathRootDir} loaded: ${JSON.stringify(recovery)}`);
    const tables = new Tables(config, { ...base, store, storeClock });
    this.#closers.push(() => tables.timerDelivery?.shutdown());
    tables.load();
    store.start();
    await this.#serve(store, tables);
  }

  async #serve(store: MessageStore, tables: Tables): Promise<void> {
    const { config } = this;
    const ip = await addressOf(config.brokerIP1);
    const accessControl = await this.#accessControl();
    const server = this.#server(config.listenPort);
    const { port } = await server.listen();
    // No request is read before this turn is over: everything is in place by then.
    const context = this.#assemble(store, tables, accessControl, ip, port);
    const servers = [server];
    if (config.listenPort > VIP_PORT_DISTANCE)
      servers.push(this.#server(config.listenPort - VIP_PORT_DISTANCE));
    registerProcessors(context, servers);
    if (accessControl) for (const each of servers) each.registerGuard(accessControl.guard);
    this.#keepHouse(context, servers);
    tables.start();
    context.pop.start();
    context.transactions.start();
    this.#closers.push(
      () => tables.shutdown(),
      () => context.pop.shutdown(),
      () => this.#settle(context),
      () => this.#drain(context),
    );
    await Promise.all(servers.slice(1).map((vip) => vip.listen()));
    this.#closers.push(() => this.#sendAway(servers));
    await this.#register(tables, context.address, port);
  }

  #server(port: number): RemotingServer {
    const server = new RemotingServer({
      host: this.config.bindAddress,
      port,
      tick: this.#tick,
      clock: this.#clock,
      logger: this.#logger,
      tls: tlsServerConfig(this.config),
      limits: {
        idleMs: this.config.serverChannelMaxIdleTimeSeconds * 1000,
        maxConnections: this.config.maxConnections,
        maxConnectionsPerIp: this.config.maxConnectionsPerIp,
      },
    });
    this.#closers.push(() => server.close());
    return server;
  }

  #assemble(
    store: MessageStore,
    tables: Tables,
    accessControl: AccessControl | undefined,
    ip: string,
    port: number,
  ): BrokerContext {
    const { config } = this;
    const clock = this.#clock;
    const acknowledgements = new Acknowledgements(store, clock, {
      capacity: SEND_CAPACITY,
      syncFlushTimeout: config.syncFlushTimeout,
    });
    const scanPeriod = config.longPollingEnable ? HOLD_SCAN_MS : config.shortPollingTimeMills;
    const backlogPulls = new BacklogPulls(store, this.#tick);
    const heldPulls = new HeldPulls(store, this.#tick, clock, { scanPeriod, limit: PULL_CAPACITY });
    const stats = new BrokerStats(clock);
    this.#closers.push(() => {
      acknowledgements.shutdown();
      heldPulls.shutdown();
      backlogPulls.shutdown();
      stats.shutdown();
    });
    const storeHost = encodeHost(ip, port);
    const producers = new ProducerManager(clock, this.#logger);
    const transactions = new Transactions({
      config,
      store,
      topics: tables.topics,
      consumerOffsets: tables.consumerOffsets,
      producers,
      stats,
      tick: this.#tick,
      clock: this.#parts.storeClock ?? clock,
      logger: this.#logger,
      storeHost,
    });
    transactions.load();
    const pop = new Pop(
      {
        topics: tables.topics,
        subscriptionGroups: tables.subscriptionGroups,
        consumerOffsets: tables.consumerOffsets,
        delayDetour: tables.delayDetour,
        timerDelivery: tables.timerDelivery,
        config,
        store,
        clock,
        storeClock: this.#parts.storeClock ?? clock,
        storeHost,
        tick: this.#tick,
        logger: this.#logger,
      },
      { modes: tables.messageRequestModes, orders: tables.consumerOrderInfo },
    );
    const fastFailure = new FastFailure(config, { store, tick: this.#tick, clock });
    this.#tick.onCommit(() => {
      tables.commit();
      transactions.flushOps();
      fastFailure.commit();
      heldPulls.wake();
      pop.wake();
      backlogPulls.serve();
    });
    this.#context = {
      config,
      changeConfig: (changes) => this.#changeConfig(tables, changes),
      topicsKnown: () =>
        this.#within(REGISTER_PATIENCE_MS, this.#registration?.settled() ?? Promise.resolve()),
      accessControl,
      clock,
      logger: this.#logger,
      tick: this.#tick,
      store,
      topics: tables.topics,
      subscriptionGroups: tables.subscriptionGroups,
      consumerOffsets: tables.consumerOffsets,
      delayDetour: tables.delayDetour,
      delayedDelivery: tables.delayedDelivery,
      timerDelivery: tables.timerDelivery,
      transactions,
      producers,
      consumers: new ConsumerManager(clock, this.#logger, (group) =>
        tables.consumerFilters.unregister(group),
      ),
      consumerFilters: tables.consumerFilters,
      queueLocks: new QueueLocks(clock),
      acknowledgements,
      fastFailure,
      backlogPulls,
      heldPulls,
      pop,
      sqlFilters: tables.sqlFilters,
      stats,
      address: `${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`,
      storeHost,
      bootTimestamp: clock.now(),
      stopping: false,
    };
    return this.#context;
  }

  /** What has every request of every port checked, where that is wanted; only there is it, and its YAML reader, loaded. */
  async #accessControl(): Promise<AccessControl | undefined> {
    if (!this.config.aclEnable) return undefined;
    const { AccessControl } = await import('./acl/access-control.ts');
    const access = new AccessControl(aclDirectory(this.config), this.#clock, this.#logger);
    this.#closers.push(() => access.shutdown());
    return access;
  }

  #keepHouse(context: BrokerContext, servers: readonly RemotingServer[]): void {
    const { channelExpiredTimeout } = this.config;
    const housekeeping = new ClientHousekeeping(
      context,
      context.subscriptionGroups,
      this.#clock,
      channelExpiredTimeout,
    );
    this.#closers.push(() => housekeeping.shutdown());
    for (const server of servers)
      server.onDisconnect((connection) => housekeeping.onConnectionClosed(connection));
  }

  #changeConfig(tables: Tables, changes: ReadonlyMap<string, string>): void {
    const changed = changedConfig(this.config, changes);
    const path = this.config.brokerConfigPath;
    if (path !== '') writeWhole(path, mergeProperties(readIfThere(path) ?? '', changes));
    // In place: everything that reads the configuration reads this object.
    Object.assign(this.config, changed);
    if (!changes.has('brokerPermission')) return;
    tables.topics.touch();
    this.#tick.schedule();
    this.#registration?.registerNow();
  }

  async #register(tables: Tables, address: string, port: number): Promise<void> {
    const { brokerIP2, haListenPort } = this.config;
    const haServerAddr = `${brokerIP2}:${haListenPort === 0 ? port + 1 : haListenPort}`;
    const registration = new BrokerRegistration(this.config, {
      topics: tables.topics,
      addresses: { brokerAddr: address, haServerAddr },
      tls: tlsClientConfig(this.config),
      clock: this.#clock,
      logger: this.#logger,
    });
    this.#registration = registration;
    this.#closers.push(() => registration.shutdown());
    // A NameServer that swallows packets costs the start no more than this; the attempt goes on.
    await this.#within(REGISTER_PATIENCE_MS, registration.start());
  }

  async #stop(): Promise<void> {
    this.#state = 'closed';
    // Told to stop while it starts, it stops when everything is in place.
    await this.#starting?.catch(() => undefined);
    // In the reverse order of the start: off the NameServers first, the store last.
    for (const close of this.#closers.reverse()) await close();
  }

  /** Takes no more messages, and answers those that were stored. */
  async #drain(context: BrokerContext): Promise<void> {
    if (this.#context) this.#context.stopping = true;
    this.#tick.flushNow();
    if (!this.#failed) await this.#within(DRAIN_MS, context.acknowledgements.drained());
  }

  /** Keeps what the check of transactions has reached. */
  async #settle(context: BrokerContext): Promise<void> {
    const settled = context.transactions.shutdown();
    if (!this.#failed) await this.#within(DRAIN_MS, settled);
  }

  /** With `enableShutdownGracefully`: has the clients that understand it go elsewhere, and waits for them a while. */
  async #sendAway(servers: readonly RemotingServer[]): Promise<void> {
    if (!this.config.enableShutdownGracefully || this.#failed) return;
    for (const server of servers) server.goAway();
    const left = new Promise<void>((resolve) => {
      const look = (): void => {
        if (servers.every((server) => server.connections.size === 0)) resolve();
      };
      for (const server of servers) server.onDisconnect(look);
      look();
    });
    await this.#within(this.config.shutdownWaitTimeSeconds * 1000, left);
  }

  /** Waits for `task`, but no longer than `ms` milliseconds. */
  async #within(ms: number, task: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([task, sleep(this.#clock, ms, done.signal).catch(() => undefined)]);
    done.abort();
  }

  #onFatal(error: RocketMQError): void {
    this.#failed = true;
    this.#logger.error(`The broker stops: ${error.message}`, error);
    if (this.#parts.exit) this.#parts.exit(error);
    else void this.shutdown();
  }
}

/** Records carry an address, not a name. */
async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      `brokerIP1=${host} is not an address of this machine: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
}
