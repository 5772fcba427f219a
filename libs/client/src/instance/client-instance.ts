import { MixAll, UnregisterClient, type Command, type RemotingCommand } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import { answerOf, requestOf, type Answer } from './call.ts';
import type { ClientSettings } from './client-options.ts';
import { Heartbeats } from './heartbeats.ts';
import type { ConsumerMember, ProducerMember } from './members.ts';
import { NameServerAccess } from './name-server-access.ts';
import { RouteTable } from './route-table.ts';
import { registerServerCommands } from './server-commands.ts';

/**
 * What the producers and consumers of one client id share: the connections, the routes, the heartbeats and their
 * timers (Java's `MQClientInstance`). Got from and given back to `client-registry.ts`.
 */
export class ClientInstance {
  readonly clientId: string;
  readonly settings: ClientSettings;
  readonly remoting: RemotingClient;
  readonly nameServers: NameServerAccess;
  readonly routes: RouteTable;
  readonly heartbeats: Heartbeats;
  readonly producers = new Map<string, ProducerMember>();
  readonly consumers = new Map<string, ConsumerMember>();
  readonly #timers: Scheduled[] = [];
  #stopped = false;

  constructor(clientId: string, settings: ClientSettings) {
    const { clock, logger, mqClientApiTimeout: timeoutMs } = settings;
    this.clientId = clientId;
    this.settings = settings;
    this.remoting = new RemotingClient({ clock, logger, connectTimeoutMs: settings.connectTimeout });
    this.nameServers = new NameServerAccess(this.remoting, settings.nameServers);
    this.routes = new RouteTable({
      nameServers: this.nameServers,
      clock,
      logger,
      timeoutMs,
      onChange: (topic) => this.#routeChanged(topic),
      onAddressGone: (address) => this.remoting.disconnect(address),
    });
    this.heartbeats = new Heartbeats({
      clientId,
      remoting: this.remoting,
      routes: this.routes,
      producers: this.producers,
      consumers: this.consumers,
      clock,
      logger,
      timeoutMs,
    });
    this.remoting.onDisconnect((address) => this.heartbeats.connectionLost(address));
    registerServerCommands(this.remoting, this.consumers, logger);
    this.#timers.push(
      scheduleEvery(clock, settings.pollNameServerInterval, settings.pollNameServerInterval, () => {
        void this.routes.refreshAll();
      }),
      scheduleEvery(clock, settings.heartbeatBrokerInterval, settings.heartbeatBrokerInterval, () => {
        this.routes.cleanOfflineBrokers();
        void this.heartbeats.sendAll();
      }),
    );
  }

  /**
   * Sends a request and gives its typed answer.
   * @throws BrokerError when it is answered with a code other than success
   */
  async call<Req, Res>(
    address: string,
    command: Command<Req, Res>,
    header: Req,
    options: { body?: Buffer; timeoutMs?: number } = {},
  ): Promise<Answer<Res>> {
    const request = requestOf(command, header, options.body);
    const timeoutMs = options.timeoutMs ?? this.settings.mqClientApiTimeout;
    return answerOf(command, await this.remoting.invoke(address, request, timeoutMs), address);
  }

  /** As {@link call}, to a NameServer: the current one, or another when it can't be reached. */
  async callNameServer<Req, Res>(
    command: Command<Req, Res>,
    header: Req,
    body?: Buffer,
  ): Promise<Answer<Res>> {
    const request = (): RemotingCommand => requestOf(command, header, body);
    const { response, address } = await this.nameServers.invoke(request, this.settings.mqClientApiTimeout);
    return answerOf(command, response, address);
  }

  /**
   * Makes sure that a NameServer answers.
   * @throws RocketMQError `CONNECT_FAILED` or `TIMEOUT` naming the addresses
   */
  async checkNameServer(timeoutMs = this.settings.mqClientApiTimeout): Promise<void> {
    await this.routes.query(MixAll.DEFAULT_TOPIC, timeoutMs);
  }

  /** Takes a group back from all brokers. What a broker doesn't hear it finds out when the connection closes. */
  async unregister(role: 'producerGroup' | 'consumerGroup', group: string): Promise<void> {
    const addresses = [...this.routes.brokers().values()].flatMap((brokers) => [...brokers.values()]);
    const connected = addresses.filter((address) => this.remoting.existing(address) !== undefined);
    await Promise.allSettled(
      connected.map((address) =>
        this.call(address, UnregisterClient, { clientID: this.clientId, [role]: group }),
      ),
    );
  }

  /** Closes everything. Only the registry calls it, after the last member has gone. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.heartbeats.stop();
    await this.remoting.close();
  }

  #routeChanged(topic: string): void {
    if (this.#stopped) return;
    this.settings.logger.debug(`The route of the topic ${topic} changed`);
    this.heartbeats.sendSoon();
    for (const consumer of this.consumers.values()) consumer.rebalanceSoon();
  }
}
