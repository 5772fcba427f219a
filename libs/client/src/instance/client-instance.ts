import { MixAll, UnregisterClient, type Command, type RemotingCommand } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { scheduleEvery, type Scheduled } from '@nest-rocketmq/runtime';
import { registerTransactionChecks } from '../producer/transaction-check.ts';
import { answerOf, requestOf, type Answer } from './call.ts';
import type { ClientSettings } from './client-options.ts';
import { Heartbeats } from './heartbeats.ts';
import type { ConsumerMember, ProducerMember } from './members.ts';
import { NameServerAccess } from './name-server-access.ts';
import { requestHook, type RequestHook } from './request-hook.ts';
import { RouteTable } from './route-table.ts';
import { RequestTable } from '../producer/request-table.ts';
import { registerReplies } from './reply-command.ts';
import { registerServerCommands } from './server-commands.ts';

/** How long a broker gets to tell its NameServers of a topic it has just created, in milliseconds. */
const TOPIC_CREATED_MS = 100;

/**
 * What the producers and consumers of one client id share: the connections, the routes, the heartbeats and their
 * timers (Java's `MQClientInstance`). Got from and given back to `client-registry.ts`.
 */
export class ClientInstance {
  readonly clientId: string;
  readonly settings: ClientSettings;
  /** What completes requests before they are sent; frames that are written by hand have to call it themselves. */
  readonly requestHook: RequestHook | undefined;
  readonly remoting: RemotingClient;
  readonly nameServers: NameServerAccess;
  readonly routes: RouteTable;
  readonly heartbeats: Heartbeats;
  readonly producers = new Map<string, ProducerMember>();
  readonly consumers = new Map<string, ConsumerMember>();
  /** The requests that wait for their replies. */
  readonly requests = new RequestTable();
  readonly #timers: Scheduled[] = [];
  readonly #created = new Map<string, Scheduled>();
  #stopped = false;

  constructor(clientId: string, settings: ClientSettings) {
    const { clock, logger, mqClientApiTimeout: timeoutMs } = settings;
    this.clientId = clientId;
    this.settings = settings;
    this.requestHook = requestHook(settings);
    this.remoting = new RemotingClient({
      clock,
      logger,
      connectTimeoutMs: settings.connectTimeout,
      sign: this.requestHook,
      tls: settings.tls,
    });
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
    registerTransactionChecks(this.remoting, this.producers, settings);
    registerReplies(this.remoting, this.requests, this.routes, clock);
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

  /**
   * Has the route of a topic asked for that a send has just created, so that its consumers in this process don't wait
   * for the next poll.
   */
  topicCreated(topic: string): void {
    if (this.#stopped || this.#created.has(topic)) return;
    const refresh = (): void => {
      this.#created.delete(topic);
      this.routes.refresh(topic).catch((error: unknown) => {
        if (this.#stopped) return;
        this.settings.logger.warn(`The route of the topic ${topic} could not be refreshed`, error);
      });
    };
    this.#created.set(topic, this.settings.clock.schedule(TOPIC_CREATED_MS, refresh));
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
    for (const timer of [...this.#timers, ...this.#created.values()]) timer.cancel();
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
