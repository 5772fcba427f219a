import {
  scheduleEvery,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Scheduled,
} from '@nest-rocketmq/runtime';
import { RemotingClient, type TlsClientConfig } from '@nest-rocketmq/remoting';
import type { BrokerConfig } from '../config/broker-config.ts';
import { namesrvAddresses } from '../config/namesrv-addresses.ts';
import type { TopicConfigManager } from '../topic/topic-config-manager.ts';
import { NamesrvLink } from './namesrv-link.ts';
import type { BrokerAddresses } from './register-request.ts';

/** What the registration takes from the broker's configuration. */
export type RegistrationConfig = Pick<
  BrokerConfig,
  | 'brokerClusterName'
  | 'brokerId'
  | 'brokerName'
  | 'brokerNotActiveTimeoutMillis'
  | 'brokerPermission'
  | 'compressedRegister'
  | 'enableSlaveActingMaster'
  | 'forceRegister'
  | 'namesrvAddr'
  | 'registerBrokerTimeoutMills'
  | 'registerNameServerPeriod'
>;

const FIRST_PERIOD_MS = 10_000;
const SHORTEST_PERIOD_MS = 10_000;
const LONGEST_PERIOD_MS = 60_000;

/**
 * Keeps the broker known to all its NameServers (BrokerController.registerBrokerAll, BrokerOuterAPI): at start, after 10 s,
 * then every `registerNameServerPeriod`, at once when a topic changes, and soon again after a NameServer was lost. Each
 * NameServer has one lasting connection: it takes a broker out whose connection closes. A NameServer that cannot be reached
 * is logged once and never in the broker's way.
 */
export class BrokerRegistration {
  readonly #clock: Clock;
  readonly #period: number;
  readonly #client: RemotingClient;
  readonly #links: readonly NamesrvLink[];
  #timer: Scheduled | undefined;
  #started = false;

  /**
   * @param parts.addresses where clients and slaves find this broker; fixed once it listens
   */
  constructor(
    config: RegistrationConfig,
    parts: {
      topics: TopicConfigManager;
      addresses: BrokerAddresses;
      clock?: Clock;
      logger?: Logger;
      tls?: TlsClientConfig | undefined;
    },
  ) {
    const logger = parts.logger ?? silentLogger;
    this.#clock = parts.clock ?? systemClock;
    this.#period = Math.min(Math.max(config.registerNameServerPeriod, SHORTEST_PERIOD_MS), LONGEST_PERIOD_MS);
    this.#client = new RemotingClient({ clock: this.#clock, logger, tls: parts.tls });
    const link = { config, topics: parts.topics, addresses: parts.addresses, client: this.#client };
    this.#links = namesrvAddresses(config.namesrvAddr).map(
      (address) => new NamesrvLink(address, { ...link, clock: this.#clock, logger }),
    );
    this.#client.onDisconnect((address) => this.#links.find((known) => known.address === address)?.lost());
    parts.topics.onChange(() => this.registerNow());
  }

  /** Registers with all NameServers; resolves when each was reached or could not be. Never rejects. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#timer = scheduleEvery(this.#clock, FIRST_PERIOD_MS, this.#period, () => this.registerNow());
    await Promise.all(this.#links.map((link) => link.register()));
  }

  /** Registers as soon as may be; calls during a registration make one more after it. */
  registerNow(): void {
    if (!this.#started) return;
    for (const link of this.#links) void link.register();
  }

  /** Resolves when no registration is under way: what was created before is known, or its NameServer unreachable. */
  async settled(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.settled()));
  }

  /** The NameServers that know this broker now. */
  get registeredWith(): string[] {
    return this.#links.filter((link) => link.registered).map((link) => link.address);
  }

  /** Unregisters everywhere and closes the connections. Never rejects. */
  async shutdown(): Promise<void> {
    const wasStarted = this.#started;
    this.#started = false;
    this.#timer?.cancel();
    if (wasStarted) await Promise.all(this.#links.map((link) => link.unregister()));
    await this.#client.close();
  }
}
